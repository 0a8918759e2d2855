run show mobilenetv3-w0.35 --op add
run show resnet20-cifar-padshortcut --all --classes 10
run show mobilenetv2-w0.35 --width 1.0 --resolution 96x128 --format csv
for accelerator in shiftaddaug-16x12 chip-predictor-14x12 eyeriss-12x14; do
    run show $accelerator --format csv
done
run show eyeriss-12x14
for table in paper-table1 published-predictor horowitz-45nm eyeriss-normalised; do
    run show $table --format csv
done
run show horowitz-45nm
