# What `mulfree train`, `eval` and `trace export` refuse, and how. (Accuracies differ between processors; tests/train has the rest.)
run train
run train mobilenetv2-tiny -r 32 --set epoch=3
run train mobilenetv2-tiny -r 32 --set epochs=0
run train mobilenetv2-tiny -r 32 --set epochs
run train mobilenetv2-tiny -r 32 --op div
run train mobilenetv2-tiny -r 32 --data cifar10:nowhere --set epochs=1
run train mobilenetv2-tiny -r 32 --data pictures
run train mobilenetv2-tiny -r 32 --classes 5 --set epochs=1
echo '{"epochs": 2, "speed": 9}' >t.json
run train mobilenetv2-tiny -r 32 --config t.json
run train --resume nosuch.npz
echo nothing >text.npz
run train --resume text.npz
run eval text.npz
run trace export text.npz -o run.npz
run trace export text.npz
ls
