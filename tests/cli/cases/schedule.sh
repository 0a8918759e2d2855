# schedules: what stays and what is fused, as rows, programs and files; given back; what is none
cat >net.json <<'END'
{"name": "net", "about": "a", "source": "s", "batch": 1, "input": {"channels": 3, "rows": 32, "columns": 32}, "classes": 4,
 "parts": [{"type": "conv", "channels": 8, "kernel": 3, "stride": 2}, {"type": "inverted_residual", "channels": 8, "expand": 4},
           {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]}
END
small="--accounting consistent --bits 16 -a eyeriss-12x14 --set accelerator.buffer_words=9000"
run simulate ./net.json $small --schedule layer
run simulate ./net.json $small --schedule resident
run simulate ./net.json $small --schedule fused
run simulate ./net.json $small --schedule fused --format csv | cut -d, -f3,50-
run compare ./net.json $small --schedule fused
run map ./net.json --bits 16 -a eyeriss-12x14 --set accelerator.buffer_words=9000 --schedule fused --why
run map ./net.json --bits 16 -a eyeriss-12x14 --set accelerator.buffer_words=9000 --schedule fused --format json -o fused.json
cat fused.json
run simulate ./net.json $small --schedule fused.json | tail -5
run map ./net.json --bits 16 -a eyeriss-12x14 --set accelerator.buffer_words=9000 --schedule fused -l 1 | head -8
run simulate ./net.json --engine systemc --bits 16 -a eyeriss-12x14 --schedule resident | tail -4
run simulate ./net.json --engine systemc --bits 16 -a eyeriss-12x14 --set accelerator.buffer_words=9000 --schedule fused
# bands passing through, as slices of a timeline; a schedule from a file
run simulate ./net.json --engine systemc --bits 16 -a eyeriss-12x14 --set accelerator.buffer_words=9000 --schedule fused.json --timeline t.json --heatmap pes.csv | tail -4
grep -o '"tid": 0, "name": "[^"]*"' t.json | grep -v thread_ | head -12
awk -F, 'NR > 1 { macs += $3; busy += $6 > 0 } END { print macs, "MACs on", busy, "PEs" }' pes.csv
# what is none
run simulate ./net.json --accounting consistent --schedule fussed
run simulate ./net.json --accounting consistent --schedule nowhere.json
run simulate ./net.json --accounting consistent --schedule net.json
run simulate mobilenetv2-tiny --accounting consistent --schedule fused.json
run map ./net.json --schedule fused --timeloop nowhere
other() { sed "$1" fused.json >other.json; run simulate ./net.json $small --schedule other.json; }
other 's/"conv_0"/"conv"/'
other 's/"pw_project_3"/"pw_expand_1"/'
other 's/"rows": [0-9]*/"rows": 400/'
other 's/"rows"/"row"/'
run simulate ./net.json --accounting consistent --bits 16 -a eyeriss-12x14 --set accelerator.buffer_words=4500 --schedule fused.json
