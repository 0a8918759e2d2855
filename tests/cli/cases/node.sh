# Other technologies and kinds of DRAM: tables that know them, and those that do not.
cat >conv.csv <<'END'
Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
conv, 16, 16, 3, 3, 8, 16, 1,
END
for node in 65 45 32 28 22 16 7; do
    run chip eyeriss-12x14 ./conv.csv --bits 16 --node $node --format markdown
done
run simulate ./conv.csv --accounting consistent --bits 16 --node 28
run compare ./conv.csv --accounting consistent --bits 16 --node 7 --table flat-45nm
run chip eyeriss-12x14 --bits 16 --node 16 --provenance
run show consistent-45nm --format markdown
run compare ./conv.csv --accounting consistent --bits 16 --dram hbm2 --node 16
run simulate ./conv.csv --accounting consistent --bits 16 --dram ddr3
run chip eyeriss-12x14 --dram ddr3
run compare ./conv.csv --accounting consistent --dram lpddr5
run compare ./conv.csv --accounting consistent --dram ddr3 --table horowitz-45nm
run chip eyeriss-12x14 --node 40
run simulate ./conv.csv --accounting consistent --node 0
run simulate ./conv.csv --accounting consistent --node seven
run simulate ./conv.csv --node 28
run simulate ./conv.csv --accounting consistent --bits 16 --table eyeriss-65nm -a eyeriss-12x14 --node 28
run map ./conv.csv -l 0 --table eyeriss-normalised --node 28
