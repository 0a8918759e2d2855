# bash completion of mulfree, written by `mulfree completion bash`

# Offers those of the words given that begin with the one under way.
_mulfree_offer() {
    local candidate
    for candidate in "$@"; do
        [[ $candidate == "$word"* ]] && COMPREPLY+=("$candidate")
    done
}

_mulfree_names() {
    local names
    mapfile -d '' -t names < <("${COMP_WORDS[0]}" completion names "$@" 2>/dev/null)
    _mulfree_offer "${names[@]}"
}

_mulfree() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        _mulfree_offer list show check table simulate compare trace map chip train eval curves weights experiment tradeoff validate sweep diff completion man help --help --version
        return
    fi
    case "${COMP_WORDS[1]}" in
        list)
            case "$before" in
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --format --output --wide --help --verbose
            else
                _mulfree_offer networks accelerators operators tables experiments sweeps validations
            fi ;;
        show)
            case "$before" in
                --op)
                    _mulfree_names operators
                    return ;;
                --resolution|-r)
                    :
                    return ;;
                --classes)
                    :
                    return ;;
                --width|-w)
                    :
                    return ;;
                --op-of)
                    :
                    return ;;
                --batch|-b)
                    :
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --op --all --file --resolution --classes --width --op-of --batch --format --output --wide --help --verbose
            else
                _mulfree_names networks accelerators tables
            fi ;;
        check)
            case "$before" in
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --format --output --wide --help --verbose
            else
                compopt -o default
            fi ;;
        table)
            case "$before" in
                --resolution|-r)
                    :
                    return ;;
                --classes)
                    :
                    return ;;
                --width|-w)
                    :
                    return ;;
                --op-of)
                    :
                    return ;;
                --batch|-b)
                    :
                    return ;;
                --accelerator|-a)
                    _mulfree_names accelerators
                    return ;;
                --experiment|-e)
                    _mulfree_names experiments
                    return ;;
                --set|-s)
                    :
                    return ;;
                --plot|-p)
                    compopt -o default
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --corrected --resolution --classes --width --op-of --batch --accelerator --experiment --set --plot --format --output --wide --help --verbose
            else
                _mulfree_offer 1 3
            fi ;;
        simulate)
            case "$before" in
                --op)
                    _mulfree_names operators
                    return ;;
                --resolution|-r)
                    :
                    return ;;
                --classes)
                    :
                    return ;;
                --width|-w)
                    :
                    return ;;
                --op-of)
                    :
                    return ;;
                --batch|-b)
                    :
                    return ;;
                --accelerator|-a)
                    _mulfree_names accelerators
                    return ;;
                --experiment|-e)
                    _mulfree_names experiments
                    return ;;
                --set|-s)
                    :
                    return ;;
                --accounting)
                    _mulfree_offer published consistent published,consistent
                    return ;;
                --table|-t)
                    _mulfree_names tables
                    return ;;
                --node)
                    _mulfree_offer 65 45 32 28 22 16 7
                    return ;;
                --dram)
                    _mulfree_offer lpddr4 lpddr ddr3 gddr5 hbm2 hmc
                    return ;;
                --dataflow|-d)
                    _mulfree_offer row-stationary weight-stationary output-stationary no-local-reuse
                    return ;;
                --objective)
                    _mulfree_offer energy latency edp balanced
                    return ;;
                --bits)
                    _mulfree_offer 8 16 32 fp16 fp32
                    return ;;
                --area-um2)
                    :
                    return ;;
                --bits-of)
                    :
                    return ;;
                --statistics)
                    compopt -o default
                    return ;;
                --schedule)
                    _mulfree_offer layer resident fused
                    return ;;
                --engine)
                    _mulfree_offer analytic systemc
                    return ;;
                --seed)
                    :
                    return ;;
                --fidelity)
                    _mulfree_offer row cycle
                    return ;;
                --vcd)
                    compopt -o default
                    return ;;
                --timeline)
                    compopt -o default
                    return ;;
                --heatmap)
                    compopt -o default
                    return ;;
                --plot|-p)
                    compopt -o default
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --op --resolution --classes --width --op-of --batch --accelerator --experiment --set --accounting --table --node --dram --dataflow --objective --bits --iso-area --area-um2 --bits-of --statistics --schedule --engine --seed --fidelity --vcd --timeline --heatmap --provenance --plot --format --output --wide --help --verbose
            else
                _mulfree_names networks
            fi ;;
        compare)
            case "$before" in
                --ops)
                    _mulfree_names operators
                    return ;;
                --resolution|-r)
                    :
                    return ;;
                --classes)
                    :
                    return ;;
                --width|-w)
                    :
                    return ;;
                --op-of)
                    :
                    return ;;
                --batch|-b)
                    :
                    return ;;
                --accelerator|-a)
                    _mulfree_names accelerators
                    return ;;
                --experiment|-e)
                    _mulfree_names experiments
                    return ;;
                --set|-s)
                    :
                    return ;;
                --accounting)
                    _mulfree_offer published consistent published,consistent
                    return ;;
                --table|-t)
                    _mulfree_names tables
                    return ;;
                --node)
                    _mulfree_offer 65 45 32 28 22 16 7
                    return ;;
                --dram)
                    _mulfree_offer lpddr4 lpddr ddr3 gddr5 hbm2 hmc
                    return ;;
                --dataflow|-d)
                    _mulfree_offer row-stationary weight-stationary output-stationary no-local-reuse
                    return ;;
                --objective)
                    _mulfree_offer energy latency edp balanced
                    return ;;
                --bits)
                    _mulfree_offer 8 16 32 fp16 fp32
                    return ;;
                --area-um2)
                    :
                    return ;;
                --bits-of)
                    :
                    return ;;
                --statistics)
                    compopt -o default
                    return ;;
                --schedule)
                    _mulfree_offer layer resident fused
                    return ;;
                --engine)
                    _mulfree_offer analytic systemc
                    return ;;
                --seed)
                    :
                    return ;;
                --plot|-p)
                    compopt -o default
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --ops --resolution --classes --width --op-of --batch --accelerator --experiment --set --accounting --table --node --dram --dataflow --objective --bits --iso-area --area-um2 --bits-of --statistics --schedule --engine --seed --provenance --plot --format --output --wide --help --verbose
            else
                _mulfree_names networks
            fi ;;
        trace)
            case "$before" in
                --random)
                    :
                    return ;;
                --op)
                    _mulfree_names operators
                    return ;;
                --bits)
                    _mulfree_offer 8 16
                    return ;;
                --psum-bits)
                    :
                    return ;;
                --data)
                    :
                    return ;;
                --pictures|-n)
                    :
                    return ;;
                --score)
                    :
                    return ;;
                --set|-s)
                    :
                    return ;;
                --resolution|-r)
                    :
                    return ;;
                --classes)
                    :
                    return ;;
                --width|-w)
                    :
                    return ;;
                --op-of)
                    :
                    return ;;
                --batch|-b)
                    :
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --random --op --bits --psum-bits --data --pictures --score --set --resolution --classes --width --op-of --batch --format --output --wide --help --verbose
            else
                _mulfree_names networks
            fi ;;
        map)
            case "$before" in
                --layer|-l)
                    :
                    return ;;
                --op)
                    _mulfree_names operators
                    return ;;
                --mapping|-m)
                    compopt -o default
                    return ;;
                --timeloop)
                    compopt -o default
                    return ;;
                --resolution|-r)
                    :
                    return ;;
                --classes)
                    :
                    return ;;
                --width|-w)
                    :
                    return ;;
                --op-of)
                    :
                    return ;;
                --batch|-b)
                    :
                    return ;;
                --accelerator|-a)
                    _mulfree_names accelerators
                    return ;;
                --experiment|-e)
                    _mulfree_names experiments
                    return ;;
                --set|-s)
                    :
                    return ;;
                --table|-t)
                    _mulfree_names tables
                    return ;;
                --node)
                    _mulfree_offer 65 45 32 28 22 16 7
                    return ;;
                --dram)
                    _mulfree_offer lpddr4 lpddr ddr3 gddr5 hbm2 hmc
                    return ;;
                --dataflow|-d)
                    _mulfree_offer row-stationary weight-stationary output-stationary no-local-reuse
                    return ;;
                --objective)
                    _mulfree_offer energy latency edp balanced
                    return ;;
                --bits)
                    _mulfree_offer 8 16 32 fp16 fp32
                    return ;;
                --area-um2)
                    :
                    return ;;
                --bits-of)
                    :
                    return ;;
                --statistics)
                    compopt -o default
                    return ;;
                --schedule)
                    _mulfree_offer layer resident fused
                    return ;;
                --format|-f)
                    _mulfree_offer text json
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --layer --op --mapping --why --timeloop --resolution --classes --width --op-of --batch --accelerator --experiment --set --table --node --dram --dataflow --objective --bits --iso-area --area-um2 --bits-of --statistics --schedule --format --output --wide --help --verbose
            else
                _mulfree_names networks
            fi ;;
        chip)
            case "$before" in
                --op)
                    _mulfree_names operators
                    return ;;
                --set|-s)
                    :
                    return ;;
                --table|-t)
                    _mulfree_names tables
                    return ;;
                --node)
                    _mulfree_offer 65 45 32 28 22 16 7
                    return ;;
                --dram)
                    _mulfree_offer lpddr4 lpddr ddr3 gddr5 hbm2 hmc
                    return ;;
                --dataflow|-d)
                    _mulfree_offer row-stationary weight-stationary output-stationary no-local-reuse
                    return ;;
                --objective)
                    _mulfree_offer energy latency edp balanced
                    return ;;
                --bits)
                    _mulfree_offer 8 16 32 fp16 fp32
                    return ;;
                --area-um2)
                    :
                    return ;;
                --resolution|-r)
                    :
                    return ;;
                --classes)
                    :
                    return ;;
                --width|-w)
                    :
                    return ;;
                --op-of)
                    :
                    return ;;
                --batch|-b)
                    :
                    return ;;
                --bits-of)
                    :
                    return ;;
                --statistics)
                    compopt -o default
                    return ;;
                --schedule)
                    _mulfree_offer layer resident fused
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --op --set --table --node --dram --dataflow --objective --bits --iso-area --area-um2 --resolution --classes --width --op-of --batch --bits-of --statistics --schedule --provenance --format --output --wide --help --verbose
            else
                _mulfree_names accelerators
            fi ;;
        train)
            case "$before" in
                --op)
                    _mulfree_names operators
                    return ;;
                --data)
                    :
                    return ;;
                --config|-c)
                    compopt -o default
                    return ;;
                --set|-s)
                    :
                    return ;;
                --checkpoint)
                    compopt -o default
                    return ;;
                --resume)
                    compopt -o default
                    return ;;
                --init)
                    compopt -o default
                    return ;;
                --init-head)
                    _mulfree_offer fresh
                    return ;;
                --log)
                    compopt -o default
                    return ;;
                --plot|-p)
                    compopt -o default
                    return ;;
                --resolution|-r)
                    :
                    return ;;
                --classes)
                    :
                    return ;;
                --width|-w)
                    :
                    return ;;
                --op-of)
                    :
                    return ;;
                --timeout)
                    :
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --op --data --config --set --keys --checkpoint --resume --init --init-head --log --plot --resolution --classes --width --op-of --timeout --format --output --wide --help --verbose
            else
                _mulfree_names networks
            fi ;;
        eval)
            case "$before" in
                --data)
                    :
                    return ;;
                --set|-s)
                    :
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --data --set --format --output --wide --help --verbose
            else
                compopt -o default
            fi ;;
        curves)
            case "$before" in
                --plot|-p)
                    compopt -o default
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --plot --format --output --wide --help --verbose
            else
                compopt -o default
            fi ;;
        weights)
            case "$before" in
                --layers|-l)
                    :
                    return ;;
                --histogram)
                    :
                    return ;;
                --from)
                    compopt -o default
                    return ;;
                --plot|-p)
                    compopt -o default
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --layers --learnt --histogram --from --plot --format --output --wide --help --verbose
            else
                compopt -o default
            fi ;;
        experiment)
            case "$before" in
                --data)
                    :
                    return ;;
                --set|-s)
                    :
                    return ;;
                --profile)
                    :
                    return ;;
                --arms)
                    :
                    return ;;
                --seeds)
                    :
                    return ;;
                --folder)
                    compopt -o default
                    return ;;
                --jobs|-j)
                    :
                    return ;;
                --part)
                    :
                    return ;;
                --timeout)
                    :
                    return ;;
                --plot|-p)
                    compopt -o default
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --data --set --profile --arms --seeds --folder --jobs --part --timeout --plot --format --output --wide --help --verbose
            else
                _mulfree_names experiments
            fi ;;
        tradeoff)
            case "$before" in
                --data)
                    :
                    return ;;
                --traces)
                    compopt -o default
                    return ;;
                --psum-bits)
                    :
                    return ;;
                --pictures|-n)
                    :
                    return ;;
                --score)
                    :
                    return ;;
                --accelerator|-a)
                    _mulfree_names accelerators
                    return ;;
                --table|-t)
                    _mulfree_names tables
                    return ;;
                --node)
                    _mulfree_offer 65 45 32 28 22 16 7
                    return ;;
                --dram)
                    _mulfree_offer lpddr4 lpddr ddr3 gddr5 hbm2 hmc
                    return ;;
                --dataflow|-d)
                    _mulfree_offer row-stationary weight-stationary output-stationary no-local-reuse
                    return ;;
                --objective)
                    _mulfree_offer energy latency edp balanced
                    return ;;
                --bits)
                    _mulfree_offer 8 16 32 fp16 fp32
                    return ;;
                --area-um2)
                    :
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --data --traces --psum-bits --pictures --score --accelerator --table --node --dram --dataflow --objective --bits --iso-area --area-um2 --format --output --wide --help --verbose
            else
                compopt -o default
            fi ;;
        validate)
            case "$before" in
                --engine)
                    _mulfree_offer analytic systemc
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --engine --format --output --wide --help --verbose
            else
                _mulfree_names validations
            fi ;;
        sweep)
            case "$before" in
                --part)
                    :
                    return ;;
                --merge)
                    :
                    return ;;
                --jobs|-j)
                    :
                    return ;;
                --timeout)
                    :
                    return ;;
                --sort)
                    :
                    return ;;
                --top)
                    :
                    return ;;
                --resolution|-r)
                    :
                    return ;;
                --classes)
                    :
                    return ;;
                --width|-w)
                    :
                    return ;;
                --op-of)
                    :
                    return ;;
                --batch|-b)
                    :
                    return ;;
                --accelerator|-a)
                    _mulfree_names accelerators
                    return ;;
                --experiment|-e)
                    _mulfree_names experiments
                    return ;;
                --set|-s)
                    :
                    return ;;
                --accounting)
                    _mulfree_offer published consistent published,consistent
                    return ;;
                --table|-t)
                    _mulfree_names tables
                    return ;;
                --node)
                    _mulfree_offer 65 45 32 28 22 16 7
                    return ;;
                --dram)
                    _mulfree_offer lpddr4 lpddr ddr3 gddr5 hbm2 hmc
                    return ;;
                --dataflow|-d)
                    _mulfree_offer row-stationary weight-stationary output-stationary no-local-reuse
                    return ;;
                --objective)
                    _mulfree_offer energy latency edp balanced
                    return ;;
                --bits)
                    _mulfree_offer 8 16 32 fp16 fp32
                    return ;;
                --area-um2)
                    :
                    return ;;
                --schedule)
                    _mulfree_offer layer resident fused
                    return ;;
                --engine)
                    _mulfree_offer analytic systemc
                    return ;;
                --seed)
                    :
                    return ;;
                --plot|-p)
                    compopt -o default
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --resume --part --merge --jobs --timeout --sort --top --resolution --classes --width --op-of --batch --accelerator --experiment --set --accounting --table --node --dram --dataflow --objective --bits --iso-area --area-um2 --schedule --engine --seed --plot --format --output --wide --help --verbose
            else
                _mulfree_names sweeps
            fi ;;
        diff)
            case "$before" in
                --tolerance|-t)
                    :
                    return ;;
                --format|-f)
                    _mulfree_offer text csv json markdown
                    return ;;
                --output|-o)
                    compopt -o default
                    return ;;
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --tolerance --format --output --wide --help --verbose
            else
                compopt -o default
            fi ;;
        completion)
            case "$before" in
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --help --verbose
            else
                _mulfree_offer bash
            fi ;;
        man)
            case "$before" in
            esac
            if [[ $word == -* ]]; then
                _mulfree_offer --help --verbose
            else
                :
            fi ;;
    esac
}

complete -o filenames -F _mulfree mulfree
