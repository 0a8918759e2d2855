run simualte mobilenetv2-w0.35
run simulate
run simulate mobilenetv2-w35
run simulate mobilenetv2-w0.35 resnet18
run simulate mobilenetv2-w0.35 --opp shift
run simulate mobilenetv2-w0.35 --op
run simulate mobilenetv2-w0.35 --op shfit
run simulate mobilenetv2-w0.35 --help=x
run simulate mobilenetv2-w0.35 -Q
run simulate mobilenetv2-w0.35 --format jsn
run simulate mobilenetv2-w0.35 --resolution 0
run simulate mobilenetv2-w0.35 --resolution 16x
run simulate mobilenetv2-w0.35 --resolution 99999999
run simulate mobilenetv2-w0.35 --resolution 3
run simulate mobilenetv2-w0.35 --batch -1
run simulate mobilenetv2-w0.35 --batch 99999999999999999999
run simulate mobilenetv2-w0.35 --width nan
run simulate mobilenetv2-w0.35 --op-of stem
run simulate mobilenetv2-w0.35 --op-of stm=mult
run simulate mobilenetv2-w0.35 --accelerator eyeris-12x14
run simulate mobilenetv2-w0.35 --experiment table4
run simulate mobilenetv2-w0.35 --set clock_mhz=3
run simulate mobilenetv2-w0.35 --set accelerator.clock_ghz=3
run simulate mobilenetv2-w0.35 --set accelerator.clock_mhz=-3
run simulate mobilenetv2-w0.35 --set accelerator.pe_rows=1.5
run simulate mobilenetv2-w0.35 --set accelerator.pe_rows=2 --set accelerator.pe_columns=2
run simulate mobilenetv2-w0.35 --set conventions.depthwise=shared
run simulate mobilenetv2-w0.35 --set conventions.access_energy=eyeriss-normalised
run simulate mobilenetv2-w0.35 --set conventions.operation_energy=nothing
run compare mcunet-in3 --ops mult,,shift
run table 3 -o /nowhere/x.json
run sweep memories -o /nowhere/x.csv
run completion zsh
run simulate mobilenetv2-w0.35 --set accelerator.clock_mhz=200parsec
run simulate mobilenetv2-w0.35 --accounting consistent --area-um2 1mm2
run simulate mobilenetv2-w0.35 --accounting consistent -a chip-predictor-14x12
run simulate mobilenetv2-w0.35 -a chip-predictor-14x12 --set accelerator.pe_rows=2 --set accelerator.pe_columns=2
for word in lr learning_rate ema_decay frozen distill optimizer; do
    run train mobilenetv2-tiny --set $word=1
done
run show mobilenetv2-w0.35 --file --op shift
# What the published account cannot map, the command that it names can.
offered=$("$MULFREE" simulate alexnet --set accelerator.pe_rows=4 2>&1 | sed -n 's/.*`mulfree \(.*\)`.*/\1/p')
run $offered -f csv -o out.csv
wc -l <out.csv
