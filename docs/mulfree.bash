# bash completion of mulfree, written by `mulfree completion bash`

_mulfree_names() {
    local kind
    for kind in "$@"; do
        "${COMP_WORDS[0]}" list "$kind" --format csv 2>/dev/null | tail -n +2 | cut -d, -f2
    done
}

_mulfree() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'list show table simulate compare trace map train eval curves tradeoff validate sweep diff completion man help --help --version' -- "$word"))
        return
    fi
    case "${COMP_WORDS[1]}" in
        list)
            case "$before" in
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W 'networks accelerators operators tables experiments sweeps validations' -- "$word"))
            fi ;;
        show)
            case "$before" in
                --op)
                    COMPREPLY=($(compgen -W "$(_mulfree_names operators)" -- "$word"))
                    return ;;
                --resolution|-r)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --batch|-b)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --classes)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --width|-w)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--op --all --resolution --batch --classes --width --op-of --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(_mulfree_names networks accelerators tables)" -- "$word"))
            fi ;;
        table)
            case "$before" in
                --resolution|-r)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --batch|-b)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --classes)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --width|-w)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --accelerator|-a)
                    COMPREPLY=($(compgen -W "$(_mulfree_names accelerators)" -- "$word"))
                    return ;;
                --experiment|-e)
                    COMPREPLY=($(compgen -W "$(_mulfree_names experiments)" -- "$word"))
                    return ;;
                --set|-s)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--corrected --resolution --batch --classes --width --op-of --accelerator --experiment --set --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W '1 3' -- "$word"))
            fi ;;
        simulate)
            case "$before" in
                --op)
                    COMPREPLY=($(compgen -W "$(_mulfree_names operators)" -- "$word"))
                    return ;;
                --resolution|-r)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --batch|-b)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --classes)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --width|-w)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --accelerator|-a)
                    COMPREPLY=($(compgen -W "$(_mulfree_names accelerators)" -- "$word"))
                    return ;;
                --experiment|-e)
                    COMPREPLY=($(compgen -W "$(_mulfree_names experiments)" -- "$word"))
                    return ;;
                --set|-s)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --accounting)
                    COMPREPLY=($(compgen -W 'published consistent published,consistent' -- "$word"))
                    return ;;
                --table|-t)
                    COMPREPLY=($(compgen -W "$(_mulfree_names tables)" -- "$word"))
                    return ;;
                --dataflow|-d)
                    COMPREPLY=($(compgen -W 'row-stationary weight-stationary output-stationary no-local-reuse' -- "$word"))
                    return ;;
                --objective)
                    COMPREPLY=($(compgen -W 'energy latency edp balanced' -- "$word"))
                    return ;;
                --bits)
                    COMPREPLY=($(compgen -W '8 16 32 fp16 fp32' -- "$word"))
                    return ;;
                --bits-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --statistics)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --area-um2)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --engine)
                    COMPREPLY=($(compgen -W 'analytic systemc' -- "$word"))
                    return ;;
                --seed)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --fidelity)
                    COMPREPLY=($(compgen -W 'row cycle' -- "$word"))
                    return ;;
                --vcd)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --timeline)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --heatmap)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --plot|-p)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--op --resolution --batch --classes --width --op-of --accelerator --experiment --set --accounting --table --dataflow --objective --bits --bits-of --statistics --keep-on-chip --iso-area --area-um2 --engine --seed --fidelity --vcd --timeline --heatmap --provenance --plot --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(_mulfree_names networks)" -- "$word"))
            fi ;;
        compare)
            case "$before" in
                --ops)
                    COMPREPLY=($(compgen -W "$(_mulfree_names operators)" -- "$word"))
                    return ;;
                --resolution|-r)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --batch|-b)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --classes)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --width|-w)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --accelerator|-a)
                    COMPREPLY=($(compgen -W "$(_mulfree_names accelerators)" -- "$word"))
                    return ;;
                --experiment|-e)
                    COMPREPLY=($(compgen -W "$(_mulfree_names experiments)" -- "$word"))
                    return ;;
                --set|-s)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --accounting)
                    COMPREPLY=($(compgen -W 'published consistent published,consistent' -- "$word"))
                    return ;;
                --table|-t)
                    COMPREPLY=($(compgen -W "$(_mulfree_names tables)" -- "$word"))
                    return ;;
                --dataflow|-d)
                    COMPREPLY=($(compgen -W 'row-stationary weight-stationary output-stationary no-local-reuse' -- "$word"))
                    return ;;
                --objective)
                    COMPREPLY=($(compgen -W 'energy latency edp balanced' -- "$word"))
                    return ;;
                --bits)
                    COMPREPLY=($(compgen -W '8 16 32 fp16 fp32' -- "$word"))
                    return ;;
                --bits-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --statistics)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --area-um2)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --engine)
                    COMPREPLY=($(compgen -W 'analytic systemc' -- "$word"))
                    return ;;
                --seed)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --plot|-p)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--ops --resolution --batch --classes --width --op-of --accelerator --experiment --set --accounting --table --dataflow --objective --bits --bits-of --statistics --keep-on-chip --iso-area --area-um2 --engine --seed --provenance --plot --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(_mulfree_names networks)" -- "$word"))
            fi ;;
        trace)
            case "$before" in
                --random)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op)
                    COMPREPLY=($(compgen -W "$(_mulfree_names operators)" -- "$word"))
                    return ;;
                --bits)
                    COMPREPLY=($(compgen -W '8 16' -- "$word"))
                    return ;;
                --psum-bits)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --data)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --pictures|-n)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --set|-s)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --resolution|-r)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --batch|-b)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --classes)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --width|-w)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--random --op --bits --psum-bits --data --pictures --set --resolution --batch --classes --width --op-of --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(_mulfree_names networks)" -- "$word"))
            fi ;;
        map)
            case "$before" in
                --layer|-l)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op)
                    COMPREPLY=($(compgen -W "$(_mulfree_names operators)" -- "$word"))
                    return ;;
                --mapping|-m)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --timeloop)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --resolution|-r)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --batch|-b)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --classes)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --width|-w)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --accelerator|-a)
                    COMPREPLY=($(compgen -W "$(_mulfree_names accelerators)" -- "$word"))
                    return ;;
                --experiment|-e)
                    COMPREPLY=($(compgen -W "$(_mulfree_names experiments)" -- "$word"))
                    return ;;
                --set|-s)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --table|-t)
                    COMPREPLY=($(compgen -W "$(_mulfree_names tables)" -- "$word"))
                    return ;;
                --dataflow|-d)
                    COMPREPLY=($(compgen -W 'row-stationary weight-stationary output-stationary no-local-reuse' -- "$word"))
                    return ;;
                --objective)
                    COMPREPLY=($(compgen -W 'energy latency edp balanced' -- "$word"))
                    return ;;
                --bits)
                    COMPREPLY=($(compgen -W '8 16 32 fp16 fp32' -- "$word"))
                    return ;;
                --bits-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --statistics)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --area-um2)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text json' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--layer --op --mapping --why --timeloop --resolution --batch --classes --width --op-of --accelerator --experiment --set --table --dataflow --objective --bits --bits-of --statistics --keep-on-chip --iso-area --area-um2 --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(_mulfree_names networks)" -- "$word"))
            fi ;;
        train)
            case "$before" in
                --op)
                    COMPREPLY=($(compgen -W 'mult shift add' -- "$word"))
                    return ;;
                --data)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --config|-c)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --set|-s)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --checkpoint)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --resume)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --init)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --log)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --plot|-p)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --resolution|-r)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --batch|-b)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --classes)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --width|-w)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--op --data --config --set --keys --checkpoint --resume --init --log --plot --resolution --batch --classes --width --op-of --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(_mulfree_names networks)" -- "$word"))
            fi ;;
        eval)
            case "$before" in
                --data)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --set|-s)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--data --set --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -f -- "$word"))
            fi ;;
        curves)
            case "$before" in
                --plot|-p)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--plot --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -f -- "$word"))
            fi ;;
        tradeoff)
            case "$before" in
                --data)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --traces)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --psum-bits)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --pictures|-n)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --accelerator|-a)
                    COMPREPLY=($(compgen -W "$(_mulfree_names accelerators)" -- "$word"))
                    return ;;
                --table|-t)
                    COMPREPLY=($(compgen -W "$(_mulfree_names tables)" -- "$word"))
                    return ;;
                --dataflow|-d)
                    COMPREPLY=($(compgen -W 'row-stationary weight-stationary output-stationary no-local-reuse' -- "$word"))
                    return ;;
                --objective)
                    COMPREPLY=($(compgen -W 'energy latency edp balanced' -- "$word"))
                    return ;;
                --bits)
                    COMPREPLY=($(compgen -W '8 16 32 fp16 fp32' -- "$word"))
                    return ;;
                --bits-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --statistics)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --area-um2)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--data --traces --psum-bits --pictures --accelerator --table --dataflow --objective --bits --bits-of --statistics --keep-on-chip --iso-area --area-um2 --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -f -- "$word"))
            fi ;;
        validate)
            case "$before" in
                --engine)
                    COMPREPLY=($(compgen -W 'analytic systemc' -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--engine --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(_mulfree_names validations)" -- "$word"))
            fi ;;
        sweep)
            case "$before" in
                --jobs|-j)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --resolution|-r)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --batch|-b)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --classes)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --width|-w)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --op-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --accelerator|-a)
                    COMPREPLY=($(compgen -W "$(_mulfree_names accelerators)" -- "$word"))
                    return ;;
                --experiment|-e)
                    COMPREPLY=($(compgen -W "$(_mulfree_names experiments)" -- "$word"))
                    return ;;
                --set|-s)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --accounting)
                    COMPREPLY=($(compgen -W 'published consistent published,consistent' -- "$word"))
                    return ;;
                --table|-t)
                    COMPREPLY=($(compgen -W "$(_mulfree_names tables)" -- "$word"))
                    return ;;
                --dataflow|-d)
                    COMPREPLY=($(compgen -W 'row-stationary weight-stationary output-stationary no-local-reuse' -- "$word"))
                    return ;;
                --objective)
                    COMPREPLY=($(compgen -W 'energy latency edp balanced' -- "$word"))
                    return ;;
                --bits)
                    COMPREPLY=($(compgen -W '8 16 32 fp16 fp32' -- "$word"))
                    return ;;
                --bits-of)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --statistics)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --area-um2)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --engine)
                    COMPREPLY=($(compgen -W 'analytic systemc' -- "$word"))
                    return ;;
                --seed)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --plot|-p)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--resume --jobs --resolution --batch --classes --width --op-of --accelerator --experiment --set --accounting --table --dataflow --objective --bits --bits-of --statistics --keep-on-chip --iso-area --area-um2 --engine --seed --plot --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(_mulfree_names sweeps)" -- "$word"))
            fi ;;
        diff)
            case "$before" in
                --tolerance|-t)
                    COMPREPLY=($(compgen -W '' -- "$word"))
                    return ;;
                --format|-f)
                    COMPREPLY=($(compgen -W 'text csv json markdown' -- "$word"))
                    return ;;
                --output|-o)
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--tolerance --format --output --help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -f -- "$word"))
            fi ;;
        completion)
            case "$before" in
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W 'bash' -- "$word"))
            fi ;;
        man)
            case "$before" in
            esac
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W '--help --verbose' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi ;;
    esac
}

complete -o filenames -F _mulfree mulfree
