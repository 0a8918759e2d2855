# What a target is exported as: the network alone, whatever it was trained in.
cat >small.json <<'END'
{"name": "small", "about": "a", "source": "s", "input": {"channels": 3, "rows": 16, "columns": 16}, "classes": 10,
 "activation": "relu6",
 "parts": [{"type": "conv", "name": "stem", "channels": 8, "kernel": 3, "stride": 2},
           {"type": "inverted_residual", "expand": 2, "channels": 8, "repeat": 2},
           {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]}
END
short=(--op shift --set threads=1 --set epochs=1 --set norm_batches=2 --set batch=64)
for keys in "augment=mult remap=laplace augment_depth=1" "augment=mult weight_sharing=no" "remap=linear"; do
    rm -f ./*.npz
    sets=()
    for key in $keys; do sets+=(--set "$key"); done
    "$MULFREE" train ./small.json "${short[@]}" "${sets[@]}" --checkpoint inside.npz >/dev/null 2>&1 || echo failed
    "$MULFREE" train ./small.json --op shift --set batch=64 --set epochs=0 --init inside.npz --checkpoint alone.npz >/dev/null 2>&1 || echo failed
    for from in inside alone; do
        "$MULFREE" trace export $from.npz --score 100 -o $from.trace.npz -f csv | cut -d, -f 5-7 >$from.csv
        "$MULFREE" trace zeros $from.trace.npz >$from.zeros
        "$MULFREE" simulate $from.trace.npz --engine systemc -a eyeriss-12x14 --set accelerator.psum_bits=32 -f csv >$from.run
        "$MULFREE" trace info $from.trace.npz -f csv >$from.info
    done
    for what in csv zeros run info; do cmp inside.$what alone.$what && echo "$keys: same $what"; done
done
# As a network that was never inside another: same shapes, counts but for zeros, and bytes of DRAM.
"$MULFREE" train ./small.json --op shift --set epochs=0 --checkpoint plain.npz >/dev/null 2>&1
for from in inside plain; do
    "$MULFREE" trace export $from.npz --score 50 -o $from.trace.npz >/dev/null
    "$MULFREE" simulate $from.trace.npz --accounting consistent -a eyeriss-12x14 --set accelerator.psum_bits=32 \
        --set accelerator.zero_gating=no --set accelerator.run_length_bits=0 -f csv | sed 's/trace [^,]*//' >$from.run
done
cmp inside.run plain.run && echo same energy and latency
