# What files are, and all that is wrong with them; accelerators that are based on others.
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
