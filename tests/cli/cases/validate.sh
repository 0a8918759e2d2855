# The model beside what was published of Eyeriss; a number outside its band is told and fails.
run validate
run validate eyeriss-isca16 --format csv
sed 's/"processing_ms": 16.5/"processing_ms": 99.5/' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >wrong.json
run validate wrong.json --format csv | tail -3
sed 's/"r": 2, "t": 2/"r": 2, "t": 9/' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >large.json
run validate large.json
sed 's/"h": 227/"h": 226/' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >shape.json
run validate shape.json
sed '/^  "clocks"/d' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >clocks.json
run validate clocks.json
sed '/^  "area"/d' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >area.json
run validate area.json
sed 's/"node_nm": 65/"node_nm": 64/' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >node.json
run validate node.json
sed 's/"n_always": 10752/"n_always": 999999/' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >always.json
run validate always.json
run validate eyeriss
