echo '{"name": "x"' >truncated.json
run show ./truncated.json
printf '\x1f\x8b\x08\x00broken' >broken.json.gz
run show broken.json.gz
run show nowhere/at/all.json
run show .
: >empty.json
run show empty.json
sed 's/"stride": 2/"strid": 2/' "$MULFREE_DATA/models/zoo/resnet18.json" >key.json
run show key.json
sed 's/"kernel": 7/"kernel": -7/' "$MULFREE_DATA/models/zoo/resnet18.json" >negative.json
run show negative.json
sed 's/"classes": 1000/"classes": 1e300/' "$MULFREE_DATA/models/zoo/resnet18.json" >huge.json
run show huge.json
sed 's/clock_mhz/clock_ghz/' "$MULFREE_DATA/models/accelerators/eyeriss-12x14.json" >unit.json
run simulate resnet18-cifar -a unit.json
sed 's/"classifier_billed_as_stem": \[\]/"classifier_billed_as_stem": ["shfit"]/' \
    "$MULFREE_DATA/bench/experiments/table3.json" >experiment.json
run simulate resnet18-cifar -e experiment.json
echo '{"name": "s", "about": "a", "grid": {"pe_row": [1]}}' >axis.json
run sweep axis.json
echo '{"name": "s", "about": "a", "grid": {"pe_rows": {"from": 1, "to": 1e9, "step": 1}}}' >many.json
run sweep many.json
echo '{"name": "s", "about": "a", "grid": {"op": ["mult", "molt"]}}' >op.json
run sweep op.json
echo '{"name": "s", "about": "a", "grid": {"pe_rows": {"from": 2, "to": 8}}}' >range.json
run sweep range.json
# Several things at once, words from elsewhere, units, and files of another kind.
echo '{"name": "x", "pe_row": 3, "clock_mhz": "200MHz", "dram_mb_per_s": "1GB/s", "buffer_words": "108KB", "psum_bits": -3}' >many_faults.json
run simulate resnet18-cifar -a many_faults.json
echo '[]' >array.json
run simulate resnet18-cifar -a array.json
echo '{"lr": 1, "optimizer": "cosine", "rate": "a lot", "epochs": -3}' >training.json
run train mobilenetv2-tiny -c training.json
echo '{"name": "s", "about": "a", "grid": {"dataflow": ["a"], "pe_row": [1], "frequency": [3]}, "op": 3}' >words.json
run sweep words.json
run simulate axis.json
run simulate resnet18-cifar -a axis.json
run simulate ./axis.json -a unit.json
printf '\x08\x07\x12\x07pytorch\x1a\x061.13.1:\x10graph' >model.onnx
run simulate model.onnx
cp "$MULFREE_DATA/models/zoo/resnet18-cifar.json" mine
run show mine
ls
