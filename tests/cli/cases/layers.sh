# A description may be layers alone: it is shown, mapped, compared and traced, but not trained.
cat >one.json <<'JSON'
{"name": "one", "input": {"channels": 3, "rows": 20, "columns": 20},
 "parts": [{"type": "conv", "channels": 32, "kernel": 3, "padding": "valid"}]}
JSON
run show one.json
run map one.json | head -2
run compare one.json
run trace make one.json --random 3 -o run.npz
run trace verify run.npz
run train one.json -r 20
run train one.json -r 20 --classes 10
sed 's/32/"classes"/' one.json >word.json
run show word.json
