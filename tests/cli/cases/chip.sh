# A chip part by part: area, on a network energy and power, too; by area; and what is wrong with some.
run chip eyeriss-12x14 --bits 16
run chip shiftaddaug-16x12 --op add --provenance
run chip eyeriss-12x14 mobilenetv2-w0.35 --resolution 32 --op shift --bits 16
run chip eyeriss-12x14 mobilenetv2-w0.35 --resolution 32 --op add --bits 16 --iso-area --format csv
run chip eyeriss-12x14 mobilenetv2-w0.35 --resolution 32 --batch 4 --bits 8 --table cacti-45nm-lop --format json
run chip eyeriss-12x14 --op shift --iso-area --format markdown
run chip eyeriss-12x14 --area-um2 100000 --bits 16
run chip eyeriss-12x14 --area-um2 10000 --bits 16
run chip eyeriss-12x14 --bits 16 --set accelerator.pe_overhead_um2=5000 --format csv
pools='[{"name": "m", "pe_rows": 4, "pe_columns": 4, "operators": ["mult"]}, {"name": "s", "pe_rows": 8, "pe_columns": 8, "operators": ["shift"]}]'
run chip eyeriss-12x14 --op shift --bits 16 --set "accelerator.pools=$pools"
run chip eyeriss-12x14 --op add --bits 16 --set "accelerator.pools=$pools"
run chip eyeriss-12x14 --set accelerator.buffer_words=8
# no areas, no network, no such option without one
run chip eyeriss-12x14 --table flat-45nm
run chip eyeriss-12x14 --table eyeriss-normalised
run chip eyeriss-12x14 --dataflow output-stationary
run chip eyeriss-12x14 --set accelerator.dram_mb_per_s=100
run chip eyeriss-12x14 --iso-area
run chip chip-predictor-14x12
run chip eyeris-12x14
run chip
run chip eyeriss-12x14 alexnet alexnet
run chip eyeriss-12x14 --set accelerator.pe_rows=0
# iso-area: the columns are told wherever it is asked for
run compare mobilenetv2-w0.35 --resolution 32 -a eyeriss-12x14 --accounting consistent --bits 16 --iso-area
run compare mobilenetv2-w0.35 --resolution 32 -a eyeriss-12x14 --accounting consistent --bits 16 --iso-area --format csv
cat >conv.csv <<'END'
Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
conv, 16, 16, 3, 3, 8, 16, 1,
END
run simulate ./conv.csv -a eyeriss-12x14 --op shift --accounting consistent --bits 16 --iso-area
echo '{"name": "s", "about": "by area", "grid": {"pe_rows": [8, 12], "network": "resnet20-cifar", "op": ["mult", "shift", "add"]}}' >sweep.json
run sweep ./sweep.json --accounting consistent --bits 16 --iso-area
run map mobilenetv2-w0.35 --resolution 32 --layer 3 -a eyeriss-12x14 --op shift --bits 16 --iso-area --format json
run compare mobilenetv2-w0.35 --resolution 32 -a eyeriss-12x14 --accounting consistent --bits 16 --iso-area --table flat-45nm
