# What does an array network cost by the length of its wires, and where is that shown?
on="--accounting consistent --bits 16 -a eyeriss-12x14 --table wires-45nm"
run compare mobilenetv2-tiny $on --format csv | cut -d, -f1-7
for op in mult add; do
    run compare mobilenetv2-tiny --ops $op $on --provenance | grep -E '^(floorplan|spread|derived: wires-45nm: array|assumed: wires)'
done
run simulate mobilenetv2-tiny --op add $on --iso-area --provenance | grep ^floorplan
run simulate mobilenetv2-tiny $on --node 28 --provenance | grep -E '^(floorplan|assumed: wires)'
run chip eyeriss-12x14 mobilenetv2-tiny --bits 16 -t wires-45nm --provenance | grep -E '^(array network|floorplan)'
run show wires-45nm | grep -E '^(wires|network)'
run map mobilenetv2-tiny -l 7 --bits 16 -a eyeriss-12x14 -t wires-45nm --why | grep -E 'way:|registers  |PE columns|^nJ|^ifmap'
run map mobilenetv2-tiny -l 7 --bits 16 -a eyeriss-12x14 -t wires-45nm -f json | grep -E 'floorplan|network'

# The chip counts the words that the closed forms price: twice the same.
for engine in "" "--engine systemc"; do
    "$MULFREE" simulate resnet20-cifar --op add $on $engine --format csv | awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $at["layer"] ~ /^conv_1[0-3]$/ && $at["network_mj"] { print $at["layer"], $at["network_mj"] }'
done

# An area is a length here; elsewhere it counts by area alone.
run simulate mobilenetv2-tiny $on --set accelerator.pe_overhead_um2=40000 --provenance | grep ^floorplan
run simulate mobilenetv2-tiny --accounting consistent -a eyeriss-12x14 --table flat-45nm --set accelerator.pe_overhead_um2=40000
run simulate mobilenetv2-tiny --accounting consistent -a eyeriss-12x14 --set accelerator.pe_overhead_um2=40000

# What cannot be priced so is refused.
"$MULFREE" show wires-45nm --file >t.json
sed 's/"accesses": \[/"accesses": [{"level": "network", "word_bits": 16, "energy_pj": 1, "status": "found", "source": "s"},/' t.json > twice.json
sed 's/"energy_pj_per_mm_bit": 0.325/"energy_pj_per_mm_bit": 0/' t.json > none.json
for bad in twice none; do run simulate mobilenetv2-tiny --accounting consistent --table ./$bad.json; done
run compare mobilenetv2-tiny --set conventions.access_energy=wires-45nm
