# What files are, and what is wrong with them; accelerators that are based on others.
cat >chip.json <<END
{"name": "chip", "about": "half the buffer, twice the clock", "based_on": "eyeriss-12x14",
 "buffer_words": "54 KB", "clock_mhz": "0.4 GHz", "facts": {"clock_mhz": {"status": "assumed", "source": "mine"}}}
END
echo '{"name": "o", "about": "a", "based_on": "./two.json"}' >one.json
echo '{"name": "t", "about": "a", "based_on": "./one.json"}' >two.json
echo '{"name": "w", "pe_row": 3, "clock_mhz": "200 parsecs", "buffer_words": "108 KB", "based_on": "eyeriss-12x41"}' >wrong.json
echo '{"name": "m", "about": "a", "source": "s", "pe_rows": 3, "clock_mhz": "200 MHz", "word_bits": "16 bits"}' >missing.json
echo '{"name": "s", "about": "a", "grid": {"network": "mcunet-in3", "op": ["mult", "molt"]}}' >sweep.json
cp "$MULFREE_DATA/energy_tables/horowitz-45nm.json" table.json
run check ./chip.json
run show ./chip.json --format csv
run check ./chip.json ./one.json ./wrong.json ./missing.json ./sweep.json ./nothing.json ./table.json
run check ./missing.json --format json
run simulate mobilenetv2-tiny -a missing.json --accounting consistent
"$MULFREE" simulate mobilenetv2-tiny -a chip.json --format csv -o based.csv
"$MULFREE" simulate mobilenetv2-tiny -a eyeriss-12x14 --set accelerator.buffer_words="54 KB" --set accelerator.clock_mhz="400 MHz" -o set.csv
cmp based.csv set.csv && echo "inherited and set: the same"
run simulate mobilenetv2-tiny -a chip.json --set accelerator.buffer_words="54.0001 KB"
run simulate mobilenetv2-tiny -a chip.json --set accelerator.based_on=mcu-8x8
# A base that is wrong, by its name; files that need the data folder, one after the other, where the program looks for it.
echo '{"name": "b", "about": "a", "source": "s", "based_on": "eyeriss-12x14", "pe_row": 3, "pe_columns": -1}' >base.json
echo '{"name": "d", "about": "a", "based_on": "./base.json", "buffer_words": -3}' >derived.json
run check ./derived.json
(unset MULFREE_DATA
    cd "$root" && "$MULFREE" check models/operators/*.json models/accelerators/*.json energy_tables/*.json bench/*/*.json --format csv) |
    awk -F, 'NR > 1 { n[$3]++ } END { for (is in n) print is, (n[is] > 20 ? "of many" : n[is]) }'
# What only a training that goes on reads is looked at, too.
run train mobilenetv2-tiny -r 32 --classes 10 --set epochs=0 --checkpoint whole.npz
run check ./whole.npz
at=$(grep -abo momentum.npy whole.npz | head -n 1 | cut -d : -f 1)
cp whole.npz damaged.npz
printf '\252' | dd of=damaged.npz bs=1 seek=$((at + 40)) conv=notrunc 2>/dev/null # in the data of that entry
run check ./damaged.npz
