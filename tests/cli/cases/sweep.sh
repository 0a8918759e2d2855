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
# Axes beside keys, what is best, and which bounds nothing meets.
cat >axes.json <<'END'
{"name": "axes", "about": "every axis", "grid": {"network": "mobilenetv2-tiny", "resolution": 32, "op": ["mult", "shift"],
 "accelerator": ["eyeriss-12x14", "mcu-8x8"], "dataflow": ["row-stationary", "weight-stationary"], "table": "flat-45nm",
 "bits": [8, "16"], "width": 0.5, "batch": 2, "objective": "energy", "buffer_words": [8192]},
 "optimise": "edp_mj_ms", "subject_to": {"latency_ms": {"at_most": "2 ms"}, "n_pes": {"at_most": 100}}}
END
run sweep axes.json --accounting consistent
run sweep axes.json --accounting consistent --top 1 --format csv
run sweep axes.json --accounting consistent --sort latency_ms --format csv
run sweep axes.json
run sweep axes.json --accounting consistent --bits 8
run sweep axes.json --accounting consistent --sort latency
run sweep axes.json --engine systemc --top 1
sed 's/"2 ms"/1e-6/' axes.json >unmet.json
run sweep unmet.json --accounting consistent --top 1 -o unmet.csv
ls
cat >bad.json <<'END'
{"name": "bad", "about": "a", "grid": {"dataflaw": ["a"], "table": ["horowitz"], "bits": [64], "width": [0], "accelerator": "nosuch"},
 "optimise": "energy", "subject_to": {"latency": {"at_most": 1}, "energy_mj": {"at_mots": 1}, "latency_ms": {"at_most": "5 MB"}}}
END
run sweep bad.json --accounting consistent
sed 's/"dataflaw": ."a"., //; s/"optimise.*/"list": [{"buffer_words": "1 KB", "word_bits": 16}]}/' bad.json >worse.json
run sweep worse.json --accounting consistent
echo '{"name": "m", "about": "a", "grid": {"word_bits": [16, 32], "buffer_words": "64 KB"}}' >sizes.json
run sweep sizes.json --accounting consistent
sed 's/"word_bits": .16, 32./"accelerator": "eyeriss-12x14"/' sizes.json >chips.json
run sweep chips.json --accounting consistent
echo '{"name": "m", "about": "a", "grid": {"pe_rows": [4]}, "optimise": "memory_bytes"}' >bytes.json
run sweep bytes.json -a chip-predictor-14x12
run sweep arrays-small -a chip-predictor-14x12 --sort memory_bytes
run sweep arrays-small --sort mountain
# Silicon: of a point as of its chip.
echo '{"name": "m", "about": "a", "grid": {"network": "mobilenetv2-tiny", "resolution": 32, "pe_rows": [16], "buffer_words": "64 KB", "op": ["mult", "add"]}, "optimise": "area_mm2", "subject_to": {"area_mm2": {"at_most": "1.38 mm2"}}}' >silicon.json
run sweep silicon.json -a eyeriss-12x14 --accounting consistent --bits 16
run chip eyeriss-12x14 mobilenetv2-tiny --resolution 32 --op add --bits 16 --set accelerator.pe_rows=16 --set accelerator.buffer_words="64 KB"
run sweep silicon.json
run sweep silicon.json -a eyeriss-12x14 --accounting consistent --table flat-45nm
