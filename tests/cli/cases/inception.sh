# Maps that meet more than two at once: concatenated, shown, priced, kept, executed, traced, trained, and what is refused.
cat >inception.json <<'JSON'
{"name": "inception", "about": "branches of one map, concatenated four at once, and one map twice", "source": "made up for tests",
 "input": {"channels": 3, "rows": 8, "columns": 8}, "classes": 5, "activation": "h_swish",
 "parts": [
  {"type": "conv", "name": "stem", "channels": 6, "kernel": 3, "label": "stem"},
  {"type": "conv", "channels": 4, "kernel": 1, "label": "one"},
  {"type": "conv", "from": "stem", "channels": 3, "kernel": 1},
  {"type": "conv", "channels": 5, "kernel": 3, "label": "three"},
  {"type": "conv", "from": "stem", "channels": 2, "kernel": 1},
  {"type": "conv", "channels": 3, "kernel": 5, "label": "five"},
  {"type": "pool", "from": "stem", "kind": "average", "kernel": 3, "stride": 1, "padding": 1},
  {"type": "conv", "channels": 4, "kernel": 1, "activation": "relu", "label": "pooled"},
  {"type": "concat", "from": "one", "with": ["three", "five", "pooled"], "label": "mixed"},
  {"type": "conv", "channels": 7, "kernel": 3},
  {"type": "concat", "with": ["mixed", "input", "mixed"]},
  {"type": "conv", "channels": 8, "kernel": 3, "stride": 2},
  {"type": "global_pool"},
  {"type": "fc", "channels": "classes"}]}
JSON
run show ./inception.json --all
run simulate ./inception.json --op shift --accounting consistent
for op in mult shift add; do
    run simulate ./inception.json --op $op --engine systemc | grep outputs
done
run trace make ./inception.json --op add --random 3 -o inception.npz
run trace verify inception.npz
run trace info inception.npz | grep concat
run simulate inception.npz --engine systemc | grep outputs
run simulate ./inception.json --accounting consistent --schedule resident | tail -3
run simulate ./inception.json --engine systemc --schedule resident | grep outputs
run train ./inception.json -r 8 --classes 10 --set epochs=1 --set threads=1 --op mult --checkpoint c.npz | head -3
run trace export c.npz -o c-trace.npz | head -3
run simulate c-trace.npz --engine systemc | grep outputs
sed 's/"five", "pooled"\]/"fivve", "pooled"]/' inception.json >label.json
run show label.json
sed 's/"channels": 3, "kernel": 5/"channels": 3, "kernel": 5, "stride": 2/' inception.json >sizes.json
run show sizes.json
sed 's/"with": \["three", "five", "pooled"\]/"with": []/' inception.json >none.json
run show none.json
sed 's/"with": \["mixed", "input", "mixed"\]/"with": [32, "mixed"]/' inception.json >number.json
run show number.json
sed "s/\"with\": \[\"mixed\", \"input\", \"mixed\"\]/\"with\": [$(printf '"mixed", %.0s' {1..31})\"input\"]/" inception.json >many.json
run show many.json
