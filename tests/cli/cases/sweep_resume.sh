# A sweep that is killed or interrupted goes on where it was and gives the same bytes.
cat >big.json <<'END'
{"name": "big", "about": "enough points to be caught in the middle",
 "grid": {"pe_rows": {"from": 8, "to": 31, "step": 1}, "pe_columns": {"from": 8, "to": 31, "step": 1},
          "network": "resnet20-cifar", "op": ["mult", "shift"]}}
END
run sweep big.json -o whole.csv

# stop_in_the_middle SIGNAL: send it once some points are in the journal.
stop_in_the_middle() {
    # A shell without job control has its background jobs ignore SIGINT, which is then ignored.
    env --default-signal=INT "$MULFREE" sweep big.json -o part.csv -j 1 --resume 2>errors &
    local sweep=$!
    local wanted=$(($(cat part.csv.journal 2>/dev/null | wc -l) + 20))
    until [ "$(cat part.csv.journal 2>/dev/null | wc -l)" -ge $wanted ]; do sleep 0.01; done
    kill -"$1" $sweep
    { wait $sweep; } 2>/dev/null
    echo "$1: exit $?"
    sed 's/after [0-9]* of/after N of/' errors
    ls part.csv* 2>/dev/null
}
stop_in_the_middle KILL
stop_in_the_middle INT
stop_in_the_middle TERM
run sweep big.json -o part.csv
run sweep memories -o part.csv --resume
printf '{"point": 7, "ene' >>part.csv.journal
run sweep big.json -o part.csv --resume
cmp whole.csv part.csv && echo same
ls
run sweep big.json --resume
