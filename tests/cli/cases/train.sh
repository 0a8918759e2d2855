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
# Weights from elsewhere, and files that are in the way.
run train mobilenetv2-tiny -r 32 --classes 10 --set epochs=0 --checkpoint begin.npz --set seed=7
run train mobilenetv2-tiny -r 32 --classes 10 --set epochs=0 --checkpoint begin.npz
run train mobilenetv2-tiny -r 32 --classes 10 --set epochs=0 --init begin.npz --checkpoint again.npz --set seed=7
cmp begin.npz again.npz && echo "the same weights"
run train mobilenetv2-tiny -r 32 --classes 12 --init begin.npz
run train mobilenetv2-tiny -r 32 --init nowhere.npz
run train mobilenetv2-tiny -r 32 --plot a.svg
run tradeoff nowhere.npz
# Files that would replace each other, and options that change nothing.
run train mobilenetv2-tiny -r 32 --checkpoint a.npz --log a.npz
run train --resume begin.npz --checkpoint again.npz
run train --resume begin.npz --op add
run train mobilenetv2-tiny -r 32 -b 64
run trace export begin.npz -o begin.npz
run trace export begin.npz -n 4000 -o many.npz
run trace export begin.npz --score 3000 -o many.npz
run trace export begin.npz --score 40 -o scored.npz --format csv | sed 's/0\.[0-9]*/SHARE/g'
ls *.npz
cp begin.npz begin.previous.npz
run tradeoff begin.previous.npz begin.npz --score 40 --traces begin.npz
rm begin.previous.npz
run tradeoff begin.npz --traces .
run tradeoff begin.npz --bits-of conv=8
run tradeoff begin.npz --schedule resident
run eval begin.npz -o begin.npz
run train mobilenetv2-tiny --resume begin.npz
run train --resume begin.npz --set shift_mode=ps
# Of equal area, operators have arrays of other sizes, each on a chip of its own.
echo '{"name": "small", "about": "a", "source": "s", "classes": 10, "activation": "relu",
 "input": {"channels": 3, "rows": 16, "columns": 16}, "parts": [{"type": "conv", "channels": 8, "kernel": 3,
 "stride": 2}, {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]}' >small.json
for op in mult shift; do
    run train small.json --op $op --set epochs=0 --checkpoint small-$op.npz
done
run train --resume small-shift.npz --set shift_mode=ps
run tradeoff small-*.npz --area-um2 2000000 --score 20 --format csv | cut -d, -f 1-3,10
run train --resume begin.npz --log /dev/full
# Logs.
echo '{"epoch": 1, "rate": 0.05, "loss": 2.5, "top1": 0.1, "test_loss": 2.25, "test_top1": 0.2, "test_top5": 0.5, "images_per_s": 100, "seconds": 1}' >a.jsonl
sed 's/"epoch": 1/"epoch": 2/; s/0.2,/0.15,/' a.jsonl >b.jsonl
cat a.jsonl b.jsonl >run.jsonl
printf '{"epoch": 3, "ra' >>run.jsonl
run curves run.jsonl a.jsonl --plot curves.svg
grep -c "run, training" curves.svg
run curves run.jsonl --format csv
run curves run.jsonl --plot ticks.svg -o ticks.csv # two epochs: no half ones between them
grep -oE '<text> 1[.0-9]*<' ticks.svg | sort | uniq -c
printf %s "$(head -2 run.jsonl)" >hand.jsonl # its last line is whole, but for the newline
mkdir other && cp a.jsonl other/run.jsonl
run curves run.jsonl other/run.jsonl hand.jsonl --format csv
run curves run.jsonl -o run.jsonl
(trap '' XFSZ && ulimit -f 4 && run curves run.jsonl --plot short.svg -o short.csv) 2>&1 | cat # 4 KiB: as if the disk were full
ls short.*
echo '{"epoch": 1}' >broken.jsonl
run curves broken.jsonl
: >empty.jsonl
run curves empty.jsonl
run curves nowhere.jsonl
run curves run.jsonl --plot curves.txt
# Normalisation, which stands in a checkpoint once it is measured.
run eval begin.npz --set mean=0.5,0.5
run eval begin.npz --set mean=0.5,0.5,0.5,0.5
run eval begin.npz --set deviation=0.2,0.2,nothing
run eval begin.npz --set deviation=0
# Recipes: printed, overridden by what is asked for, kept in the checkpoint; and what they warn of.
run train mobilenetv2-tiny -r 32 --classes 10 --op add --set epochs=0 --checkpoint add.npz -o rows.txt
run train mobilenetv2-tiny -r 32 --classes 10 --op add --set add_deviation=3 --set add_eta=1 --set residual_gamma=0 --set epochs=0 --checkpoint said.npz -o rows.txt
cmp add.npz said.npz && echo "the same checkpoint"
echo '{"add_eta": 0.5}' >eta.json
run train mobilenetv2-tiny -r 32 --classes 10 --op add --config eta.json --set residual_gamma=1 --set epochs=0 --checkpoint mixed.npz -o rows.txt
run train mobilenetv2-tiny -r 32 --classes 10 --op add --set add_deviation=3 --set add_eta=0.5 --set residual_gamma=1 --set epochs=0 --checkpoint mixed2.npz -o rows.txt
cmp mixed.npz mixed2.npz && echo "the same checkpoint"
run train mobilenetv2-tiny -r 32 --classes 10 --op mult --op-of stem=add --set epochs=0 --checkpoint stem.npz -o rows.txt
run train mobilenetv3-w0.35 -r 32 --classes 10 --op add --set epochs=0 --checkpoint v3.npz -o rows.txt
run train vgg16 -r 32 -w 0.25 --classes 10 --op add --set epochs=0 --set batch=8 --checkpoint vgg16.npz -o rows.txt
run train mobilenetv3-w0.35 -r 32 --classes 10 --op shift --set epochs=0 --checkpoint shift.npz -o rows.txt
# Words that say the same twice, or nothing.
run train mobilenetv2-tiny -r 32 --set learning_rate=0.1
run train mobilenetv2-tiny -r 32 --data shapes --set data=shapes
run train mobilenetv2-tiny -r 32 --log a.jsonl --plot nowhere/a.svg
run train --resume begin.npz
run trace export begin.npz -o run.npz --op add
run trace info begin.npz --set threads=1
# A checkpoint holds its network: what becomes of the file does not matter.
sed 's/"mobilenetv2-tiny"/"mine"/' "$MULFREE_DATA/models/zoo/mobilenetv2-tiny.json" >mine.json
run train ./mine.json -r 32 --classes 10 --set epochs=0 --checkpoint mine.npz
rm mine.json
run eval mine.npz -o mine.csv
cut -d, -f1-3 mine.csv
run train run.npz
echo 'Layer name, IFMAP Height,' >layers.csv
run train layers.csv
run train mobilenetv2-tiny -r 32 --classes 10 --set resized_crop=0.5
run train mobilenetv2-tiny -r 32 --classes 10 --set crop_padding=64
run train mobilenetv2-tiny -r 32 --classes 10 --set flip=true
# A new classifier, teachers, frozen layers, averages, schedules.
tiny=(train mobilenetv2-tiny -r 32)
hundred=("${tiny[@]}" --classes 100 --data cifar100:DIR --set epochs=0 --set batch=8)
mkdir DIR # a byte for the superclass, one for the class, 32 x 32 bytes for each colour
for label in {0..99}; do
    printf '\0%b' "\\x$(printf %02x "$label")"
    head -c 3072 <(yes "picture of class $label")
done >DIR/train.bin
cp DIR/train.bin DIR/test.bin
run "${hundred[@]}" --init begin.npz
run "${hundred[@]}" --init begin.npz --init-head fresh --checkpoint head.npz
run "${hundred[@]}" --init begin.npz --init-head new
run "${hundred[@]}" --init-head fresh
run train resnet20-cifar --init begin.npz --init-head fresh
run "${tiny[@]}" --classes 10 --set teacher=head.npz
run train mobilenetv2-tiny -r 48 --classes 10 --set teacher=begin.npz
run "${tiny[@]}" --classes 10 --set teacher=nosuch.npz
run "${tiny[@]}" --classes 10 --set teacher=small.json
run train --resume head.npz --set epochs=1 --set teacher=./head.npz
# One whose bytes are others now is noticed, another name is not.
short=(--set epochs=1 --set batch=512 --set norm_batches=1 --set threads=1)
run train ./small.json "${short[@]}" --set teacher=taught.npz --checkpoint student.npz
run train ./small.json "${short[@]}" --checkpoint taught.npz -o /dev/null
run train ./small.json "${short[@]}" --set teacher=taught.npz --checkpoint student.npz -o /dev/null
rm taught.npz
run train ./small.json "${short[@]}" --set seed=2 --checkpoint taught.npz -o /dev/null
run train --resume student.npz --set epochs=2 -o /dev/null
run train --resume student.npz --set epochs=2 --set teacher=./taught.npz -o /dev/null
run "${tiny[@]}" --classes 10 --set teacher_weight=0.3
run "${tiny[@]}" --classes 10 --set teacher=begin.npz --set teacher_temperature=0
run "${tiny[@]}" --classes 10 --set temperature=3
run "${tiny[@]}" --classes 10 --set shards=3
run "${tiny[@]}" --classes 10 --set shards=0
run "${tiny[@]}" --classes 10 --set freeze=stem,nosuch
run "${tiny[@]}" --classes 10 --set freeze=conv,depthwise,fc
run "${tiny[@]}" --classes 10 --set freeze=99
run "${tiny[@]}" --classes 10 --set schedule=linear
run "${tiny[@]}" --classes 10 --set milestones=3
run "${tiny[@]}" --classes 10 --set schedule=step --set milestones=3,,4
run "${tiny[@]}" --classes 10 --set lr_schedule=step
run "${tiny[@]}" --classes 10 --set ema=1
run "${tiny[@]}" --classes 10 --set ema_decay=0.9
run "${tiny[@]}" --classes 10 --set ema=0.9 --set norm_batches=0 --set epochs=1
ls *.npz
