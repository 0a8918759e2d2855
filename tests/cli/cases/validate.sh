# The model beside what was published of Eyeriss; a number outside its band is told and fails.
run validate
run validate eyeriss-isca16 --format csv
sed 's/"processing_ms": 16.5/"processing_ms": 99.5/' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >wrong.json
run validate wrong.json --format csv | tail -3
sed 's/"r": 2, "t": 2/"r": 2, "t": 9/' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >large.json
run validate large.json
sed 's/"h": 227/"h": 226/' "$MULFREE_DATA/bench/validation/eyeriss-alexnet.json" >shape.json
run validate shape.json
run validate eyeriss
