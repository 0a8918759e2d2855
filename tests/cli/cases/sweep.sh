run sweep arrays-small
run sweep memories --format csv
cat >mine.json <<'END'
{"name": "mine", "about": "a list",
 "list": [{"pe_rows": 2, "pe_columns": 3}, {"pe_rows": 12, "pe_columns": 14, "clock_mhz": 200}],
 "grid": {"network": "resnet20-cifar", "op": ["shift", "mult"], "resolution": [32, 64]},
 "pareto": {"minimise": ["energy_mj", "n_pes"], "within": ["network"]}}
END
run sweep mine.json
run sweep mine.json -o mine.csv
cat mine.csv
ls
echo '{"name": "m", "about": "a", "grid": {"weight_loading": ["exposed", "overlapped"], "dram_mb_per_s": [100, "unlimited"], "network": ["mobilenetv2-w0.35"], "op": ["shift"], "resolution": [64]}}' >m.json
run sweep m.json --accounting consistent
run sweep m.json --accounting consistent --format csv -j 1
run sweep m.json
run sweep arrays-small --accounting published,consistent
run sweep arrays-small --accounting consistent --statistics m.json
