# Maps that part and meet: concat, upsample and sums of labelled maps, shown, priced, executed, traced, and what is refused.
cat >joins.json <<'JSON'
{"name": "joins", "about": "every layer that joins, divides or enlarges maps", "source": "made up for tests",
 "input": {"channels": 3, "rows": 8, "columns": 8}, "classes": 5, "activation": "h_swish",
 "parts": [
  {"type": "conv", "name": "stem", "channels": 6, "kernel": 3, "label": "full"},
  {"type": "conv", "channels": 8, "kernel": 3, "stride": 2, "label": "half"},
  {"type": "pool", "kind": "average", "kernel": 2, "stride": 2},
  {"type": "upsample", "factor": 2, "mode": "nearest"},
  {"type": "concat", "with": "half", "label": "both"},
  {"type": "conv", "from": "half", "channels": 16, "kernel": 1},
  {"type": "add", "with": "both", "activation": "h_swish"},
  {"type": "conv", "channels": 6, "kernel": 3, "activation": "relu"},
  {"type": "upsample", "factor": 2, "mode": "bilinear"},
  {"type": "add", "with": "full"},
  {"type": "concat", "with": "full"},
  {"type": "concat", "with": "input"},
  {"type": "conv", "channels": 8, "kernel": 3},
  {"type": "global_pool"},
  {"type": "fc", "channels": "classes"}]}
JSON
run show ./joins.json --all
run simulate ./joins.json --op shift --accounting consistent
for op in mult shift add; do
    run simulate ./joins.json --op $op --engine systemc | grep outputs
done
run trace make ./joins.json --op add --random 3 -o joins.npz
run trace verify joins.npz
run simulate joins.npz --engine systemc | grep outputs
run simulate ./joins.json --accounting consistent --schedule resident | tail -3
run train ./joins.json -r 8 --classes 10 --set epochs=1 --set threads=1 --op mult --checkpoint c.npz | head -3
run trace export c.npz -o c-trace.npz | head -3
run simulate c-trace.npz --engine systemc | grep outputs
sed 's/"with": "half"/"with": "halv"/' joins.json >label.json
run show label.json
sed 's/"with": "half"/"with": "full"/' joins.json >sizes.json
run show sizes.json
sed '/"from": "half"/d; /"with": "both"/d; s/"with": "half", "label": "both"/"with": "half"/; s/"type": "conv", "channels": 6/"type": "conv", "from": "half", "channels": 6/' joins.json >outputs.json
run show outputs.json
