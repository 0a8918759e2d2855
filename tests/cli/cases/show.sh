run show mobilenetv3-w0.35 --op add
run show resnet20-cifar-padshortcut --all --classes 10
run show mobilenetv2-w0.35 --width 1.0 --resolution 96x128 --format csv
