# An experiment of trainings: what it shows, and what it refuses. (Accuracies differ between processors: hidden.)
numbers() { sed -E 's/(mean|deviation|difference|interval|loss|top1|top5)": -?[0-9.e-]+/\1": NUMBER/g'; }
cat >small.json <<'JSON'
{"name": "small", "about": "a", "source": "s", "classes": 10, "activation": "relu",
 "input": {"channels": 3, "rows": 8, "columns": 8}, "parts": [{"type": "conv", "channels": 4, "kernel": 3,
 "stride": 2}, {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]}
JSON
cat >mine.json <<'JSON'
{"name": "mine", "about": "two operators, and one that diverges", "kind": "training", "network": "./small.json",
 "set": {"epochs": 2, "warmup_epochs": 0, "norm_batches": 0, "batch": 1000, "crop_padding": 0},
 "arms": [{"name": "mult"}, {"name": "add", "op": "add", "set": {"add_eta": 0.5}}, {"name": "high", "set": {"rate": 1000}}],
 "seeds": [1, 2]}
JSON
run experiment mine.json -j 2 -o mine.out 2>&1 | sort |
    sed -E 's/[0-9.]+ %/N %/g; s/loss [0-9.]+/loss N/; s/, [0-9]+ images.* left//; s/\([0-9] of 6/(N of 6/; s/diverged: .*; for/diverged: ...; for/'
sed -E 's/-?[0-9]+\.[0-9]+/N/g; s/  +/  /g; s/diverged: .*/diverged: .../' mine.out
ls mine
sed -E 's/"fault": .*/"fault": .../; s/"[0-9a-f]{16}"/DIGEST/' mine/runs.journal | numbers | sort
# What is over is not trained again, and a later arm or seed is.
sed 's/"seeds": \[1, 2\]/"seeds": [2, 3]/; s/, {"name": "high".*/],/' mine.json >more.json
run experiment more.json -j 1 -f json 2>&1 | grep -v epoch.1 | sed -E 's/top-1 [0-9.]+/top-1 N/; s/loss [0-9.]+/loss N/; s/, [0-9]+ images.* left//' | numbers
rm mine/add-3.*
run experiment more.json -f json 2>/dev/null | grep -c 'top1_mean": null'
ls mine/add-3.npz
# The same as by hand.
run train ./small.json --op add --set add_eta=0.5 --set epochs=2 --set warmup_epochs=0 --set norm_batches=0 --set batch=1000 \
    --set crop_padding=0 --set seed=2 --set threads=1 --checkpoint hand.npz >/dev/null 2>&1
cmp hand.npz mine/add-2.npz && echo "the same bytes"
# Runs of something else.
run experiment mine.json --set momentum=0.5
run experiment mine.json --folder mine.json
sed 's/"mine"/"other"/' mine.json >other.json
run experiment other.json --folder mine
mkdir taken
echo a >taken/mult-1.jsonl
run experiment mine.json --folder taken
# Options and keys that change nothing, or are none.
run experiment
run experiment nosuch
run experiment table3
run experiment small.json
run table 3 -e ./mine.json
run table 3 -e operators-cifar10
run experiment mine.json --set seed=4
run experiment mine.json --set threads=0
run experiment mine.json --set shift_bits=3
run experiment mine.json --set speed=3
run experiment mine.json --set data=shapes --data shapes
run experiment mine.json --data cifar10:nowhere
run experiment mine.json --plot mine.txt
run experiment mine.json --jobs 0
# Everything that is wrong with a file, at once.
cat >bad.json <<'JSON'
{"name": "bad", "about": "a", "kind": "trainings", "seed": [1], "set": {"epochs": 1, "seed": 4, "threads": 0},
 "arms": [{"name": "a/b", "network": "./small.json"}, {"name": "a", "op": 7, "set": 3}, {"name": "a", "network": "./small.json"}]}
JSON
run experiment bad.json
cat >bad.json <<'JSON'
{"name": "bad", "about": "a", "kind": "training", "set": {"epochs": 1, "learning_rate": 3, "batch": 0}, "seeds": [1, 2, 1],
 "network": "./small.json", "arms": [{"name": "a", "set": {"momentun": 0.9}}]}
JSON
run experiment bad.json
sed -i 's/, 1\]/]/' bad.json
run experiment bad.json
cat >bad.json <<'JSON'
{"name": "bad", "about": "a", "kind": "training", "set": {"epochs": 1, "batch": 20000}, "seeds": [1],
 "network": "./small.json", "arms": [{"name": "a", "op": "div"}, {"name": "b", "network": "small"},
 {"name": "c", "op_of": ["stem"]}, {"name": "d", "set": {"epochs": 0}}]}
JSON
run experiment bad.json
cat >bad.json <<'JSON'
{"name": "bad", "about": "a", "kind": "training", "set": {"epochs": 1, "shift_bits": 4}, "seeds": [1],
 "network": "./small.json", "arms": [{"name": "a", "set": {"add_eta": 1}}, {"name": "b", "op": "add", "set": {"add_eta": 1}}]}
JSON
run experiment bad.json
sed -i 's/"shift_bits": 4/"batch": 20000/; s/"set": {"add_eta": 1}}, /"classes": 7}, /' bad.json
run experiment bad.json
sed -i 's/"classes": 7}, /"classes": 10}, /' bad.json
run experiment bad.json -j 1
for line in '{"arm": "mult"}' '{"arm": "mult", "seed": 1, "digest": "12", "fault": "f"}' '{' '{"experiment": "mine"}'; do
    printf '{"experiment": "mine"}\n%s\n' "$line" >mine/runs.journal
    run experiment mine.json
done
