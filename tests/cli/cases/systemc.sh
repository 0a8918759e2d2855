# A network on the SystemC chip: rows, formats, the files it leaves, other commands that know the engine, what is refused.
short() { cut -c1-170; }
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc | short | head -12
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc | tail -4
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --op shift --format csv -o a.csv
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --op shift --format csv -o b.csv --fidelity row
cmp a.csv b.csv && echo same
head -3 a.csv
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --op shift --seed 2 --format csv -o c.csv
cmp -s a.csv c.csv || echo other seed, other zeros
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --op add --vcd w.vcd --timeline t.json --heatmap h.svg --format csv -o d.csv
ls; head -c 5 h.svg; echo; head -2 t.json; grep -c '"ph": "X"' t.json
sed -n '/var wire/p' w.vcd | head -4; grep -c '^#' w.vcd
cp w.vcd first.vcd
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --op add --vcd w.vcd --format csv -o d.csv
cmp first.vcd w.vcd && echo same waves
run compare mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc
echo '{"name": "s", "about": "two arrays", "grid": {"pe_rows": [6, 12], "network": "mobilenetv2-tiny", "op": ["mult", "add"]}}' >s.json
run sweep ./s.json -r 32 -a eyeriss-12x14 --engine systemc
run sweep ./s.json -r 32 -a eyeriss-12x14 --engine systemc -j 1
run simulate mobilenetv2-tiny --engine verilog
run simulate mobilenetv2-tiny --timeline t2.json
run simulate mobilenetv2-tiny --engine systemc --accounting published
run simulate mobilenetv2-tiny --engine systemc --bits fp16
run simulate mobilenetv2-tiny --engine systemc --statistics x.json
run simulate mobilenetv2-tiny --engine systemc -a chip-predictor-14x12
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --fidelity molecule
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --vcd waves.txt
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --vcd nowhere/w.vcd
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --heatmap nowhere/h.svg
run simulate mobilenetv2-tiny -r 32 -a eyeriss-12x14 --engine systemc --bits 1
ls
