# The shares of zeros in a trace, as a file: with it a network costs what its trace does.
cat >small.json <<'END'
{"name": "small", "about": "a", "source": "s", "input": {"channels": 3, "rows": 12, "columns": 12}, "classes": 5,
 "activation": "relu",
 "parts": [{"type": "conv", "name": "stem", "channels": 8, "kernel": 3, "stride": 2},
           {"type": "inverted_residual", "expand": 2, "channels": 8},
           {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]}
END
run trace make ./small.json --op shift --random 1 --psum-bits 16 -o trace.npz
run trace zeros trace.npz
run trace zeros trace.npz -o zeros.json
run simulate trace.npz -a eyeriss-12x14 --accounting consistent -f json -o a.json
run simulate ./small.json --op shift --bits 16 -a eyeriss-12x14 --accounting consistent --statistics zeros.json -f json -o b.json
run diff a.json b.json
for op in mult add denseshift xnor; do
    "$MULFREE" trace make ./small.json --op $op --random 1 --psum-bits 16 -o trace.npz
    "$MULFREE" trace zeros trace.npz -o zeros.json
    "$MULFREE" simulate trace.npz -a eyeriss-12x14 --accounting consistent -f json -o a.json
    "$MULFREE" simulate ./small.json --op $op --bits 16 -a eyeriss-12x14 --accounting consistent --statistics zeros.json -f json -o b.json
    echo "$op: $("$MULFREE" diff a.json b.json | tail -1)"
done
# Bad input.
run trace zeros
run trace zeros small.json
run trace zeros trace.npz -f json
run trace zeros trace.npz --bits 8
