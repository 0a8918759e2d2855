# The consistent account: simulate, compare, its options, and what is wrong with some.
run simulate mobilenetv2-w0.35 --resolution 32 --op shift --accounting consistent
run compare mobilenetv2-w0.35 --resolution 64 --accounting published,consistent
run compare --accounting consistent --bits 16 --format csv
run compare mobilenetv2-w0.35 --resolution 32 --accounting consistent --bits 8 --iso-area --set accelerator.pe_overhead_um2=2000 --provenance
run simulate mobilenetv2-w0.35 --resolution 32 --op add --accounting consistent --dataflow output-stationary --objective latency --bits fp16 --format csv
run simulate mobilenetv2-w0.35 --accounting consistent --dataflow row-stationery
run simulate mobilenetv2-w0.35 --accounting consistent --objective speed
run simulate mobilenetv2-w0.35 --accounting consistent --bits 64
run simulate mobilenetv2-w0.35 --accounting honest
run simulate mobilenetv2-w0.35 --accounting published,consistent
run simulate mobilenetv2-w0.35 --accounting consistent --table eyeriss-normalised
run simulate mobilenetv2-w0.35 --accounting consistent --table horowitz-45nm
run simulate mobilenetv2-w0.35 --accounting consistent -a chip-predictor-14x12
run simulate mobilenetv2-w0.35 --accounting consistent --set accelerator.dram_mb_per_s=0
run simulate mobilenetv2-w0.35 --accounting consistent --set accelerator.psum_bits=8 --bits 16
run simulate mobilenetv2-w0.35 --accounting consistent --area-um2 1000
run simulate mobilenetv2-w0.35 --accounting consistent --set accelerator.buffer_words=4
echo '{"layers": {"conv_1": {"ifmap_zero_fraction": 1.5}}}' >zeros.json
run simulate alexnet --accounting consistent -a eyeriss-12x14 --bits 16 --statistics zeros.json
echo '{"layers": {"conv_9": {"ifmap_zero_fraction": 0.5}}}' >zeros.json
run simulate alexnet --accounting consistent -a eyeriss-12x14 --bits 16 --statistics zeros.json
echo '{"layers": {"conv_1": {"ifmap_zero_fraction": 0.387}}}' >zeros.json
run simulate alexnet --accounting consistent -a eyeriss-12x14 --bits 16 --statistics zeros.json --format csv
run simulate resnet20-cifar --op shift --accounting consistent --op-of stem=mult --bits-of stem=8 --bits-of fc=fp32 --bits 16 --format csv
run simulate resnet20-cifar --accounting consistent --bits-of nosuch=8
run simulate resnet20-cifar --accounting consistent --bits-of stem
run compare mobilenetv2-w0.35 --resolution 64 --accounting consistent --bits 16 --schedule resident
run simulate mobilenetv2-w0.35 --resolution 64 --accounting consistent --bits 16 --schedule resident --format csv
# memories by size: one price for all, another law and its range, the chip's banks, and who is asked for them
run compare resnet20-cifar --accounting consistent --bits 16 -a eyeriss-12x14 --table flat-45nm
run compare resnet20-cifar --accounting consistent --bits 16 -a eyeriss-12x14 --table cacti-45nm-lstp
run compare resnet20-cifar --accounting consistent --bits 16 -a eyeriss-12x14 --ops mult --set accelerator.buffer_banks=1
run compare resnet20-cifar --accounting consistent --bits 16 -a eyeriss-12x14 --table flat-45nm --set accelerator.buffer_banks=1
"$MULFREE" show eyeriss-12x14 --file | grep -v '"buffer_bank' >nobanks.json
run compare resnet20-cifar --accounting consistent --bits 16 -a ./nobanks.json
run compare resnet20-cifar --accounting consistent --bits 16 -a ./nobanks.json --ops mult --table flat-45nm
run compare resnet20-cifar --set conventions.access_energy=consistent-45nm
