# A layer and a given nest as Timeloop's files: even tiles, remainders, remainders inside tiles, a name that is no YAML.
cat >one.json <<'JSON'
{"name": "a: [b\n- c] # d", "input": {"channels": 16, "rows": 20, "columns": 20},
 "parts": [{"type": "conv", "channels": 40, "kernel": 3}]}
JSON
echo '{"tiles": {"register": {"M": 10, "C": 4, "S": 3}, "columns": {"E": 10}, "rows": {"R": 3, "C": 16},
 "buffer": {"M": 30, "E": 10, "F": 20}}, "order": {"dram": ["E", "M"], "buffer": ["M", "F"]}, "bypass_buffer": ["weight"]}' >nest.json
run map one.json --op shift -m nest.json --timeloop even -f json -o /dev/null
for file in even/*; do echo "== $file"; cat "$file"; done
sed 's/"M": 10/"M": 7/' nest.json >uneven.json
run map one.json --op shift -m uneven.json --timeloop uneven -f json -o /dev/null
grep -E '^#|M=' uneven/mapping.yaml | grep -v 'M=1 '
run map one.json --op shift -m uneven/nest.json --timeloop again -f json -o /dev/null
cmp uneven/nest.json again/nest.json && echo "evened out once is even"
: >file
run map one.json --timeloop file
run map one.json --timeloop nowhere/at/all
run map one.json --layer 0 --timeloop kept --schedule resident
