# Files that are named twice, streams that are closed, a disk that is full, and links where files are written first.
cp "$MULFREE_DATA/models/accelerators/eyeriss-12x14.json" acc.json
cp "$MULFREE_DATA/models/zoo/mobilenetv2-tiny.json" net.json
sums=$(md5sum acc.json net.json)
run simulate net.json -a acc.json -o acc.json
run simulate ./net.json --accounting consistent --engine systemc --heatmap net.json
run simulate net.json --accounting consistent -o x.svg --plot ./x.svg
run show net.json -o "$MULFREE_DATA/models/operators/mult.json"
run map net.json -l 1 --timeloop here -o here/problem.yaml
[ "$sums" = "$(md5sum acc.json net.json)" ] || echo "an input has changed"

# A closed stream is no place for a result, nor for a file.
code=0; "$MULFREE" list >&- || code=$?; echo "exit $code"
"$MULFREE" sweep arrays-small --verbose -o closed.csv 2>&- || echo "exit $?"
grep -c mulfree: closed.csv
"$MULFREE" sweep arrays-small -o whole.csv <&- || echo "exit $?"
cmp closed.csv whole.csv

# Two kilobytes are not enough for the journal: what stands there are whole lines, and the sweep goes on from them.
(trap '' XFSZ; ulimit -f 2; run sweep arrays-small -j 1 -o full.csv)
tail -c 3 full.csv.journal
run sweep arrays-small -o full.csv --resume
cmp full.csv whole.csv

echo untouched >victim
for beside in a.npz.lock b.csv.journal; do ln -s victim $beside; done
run train net.json -r 32 --classes 10 --set epochs=0 --checkpoint a.npz
run sweep arrays-small -o b.csv
run sweep arrays-small -o b.csv --resume
cat victim
ls
