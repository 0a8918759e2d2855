run compare mobilenetv2-w0.35
run compare mcunet-in3 resnet18-cifar --ops add,shift --batch 2 --format markdown
run compare mcunet-in3 --set conventions.depthwise=own_input --format json
run compare resnet20-cifar --set conventions.data_bits=activation
# Operators that came after the published predictor.
run compare resnet20-cifar --ops mult,binary
run compare resnet20-cifar --ops mult,denseshift,apot3,apot4,apot5,binary --accounting consistent
