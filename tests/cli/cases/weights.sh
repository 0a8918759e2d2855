# `mulfree weights`, on weights as they were drawn (trained ones differ between processors).
echo '{"name": "small", "about": "a", "source": "s", "classes": 10, "activation": "relu",
 "input": {"channels": 3, "rows": 16, "columns": 16}, "parts": [{"type": "conv", "name": "stem", "channels": 8, "kernel": 3,
 "stride": 2}, {"type": "inverted_residual", "expand": 2, "channels": 8}, {"type": "global_pool"},
 {"type": "fc", "channels": "classes"}]}' >small.json
for op in mult shift add denseshift; do
    "$MULFREE" train ./small.json --op $op --set epochs=0 --set seed=3 --checkpoint $op.npz >/dev/null 2>&1
done
run weights add.npz
run weights mult.npz shift.npz -l stem,fc
run weights shift.npz --learnt -l stem -f csv
run weights denseshift.npz --learnt -l pw_expand -f markdown
run weights shift.npz -l pw_expand --histogram 8
run weights add.npz -l fc --histogram 2 -f json
run weights shift.npz -l depthwise,2,parts[0] --plot weights.svg -o weights.csv
grep -o '<text>[^<]*, shift<' weights.svg # a panel each
run weights fit add.npz -o fits.json
sed 's/\(\.[0-9][0-9][0-9][0-9]\)[0-9]*/\1/g' fits.json
run weights fit add.npz add.npz -l fc | grep n_ # the same numbers twice
run weights fit shift.npz --learnt -l stem | grep -o '"weights".*'
# Bad input.
run weights
run weights fit
run weights nosuch.npz
run weights small.json
run weights fits.json
run weights fit fits.json
run weights mult.npz -l nosuch
run weights mult.npz -l stem,,fc
run weights mult.npz --learnt
run weights mult.npz --histogram 0
run weights mult.npz --histogram many
run weights mult.npz --plot weights.txt
run weights fit mult.npz --plot weights.svg
run weights fit mult.npz -f csv
run weights fit mult.npz add.npz
run weights fit mult.npz shift.npz -l fc
run weights fit mult.npz -o mult.npz
run weights mult.npz --plot mult.npz
run weights denseshift.npz -l stem,pw_expand --format csv | cut -d, -f 3,6-8
run weights fit shift.npz --from mult.npz,mult.npz
run weights fit mult.npz --from mult.npz
run weights shift.npz --from mult.npz
run weights fit shift.npz --learnt --from mult.npz -l stem | grep -o '"fc": {"n_taps": 9'
run train mobilenetv2-tiny -r 32 --classes 10 --op shift --set remap=laplace --set remap_fit=fits.json --set epochs=0 --checkpoint r.npz
run train mobilenetv2-tiny -r 32 --classes 10 --op shift --set remap_fit=fits.json --set epochs=0 --checkpoint r.npz
run train mobilenetv2-tiny -r 32 --classes 10 --op shift --set remap=laplace --set remap_fc=taps --set epochs=0 --checkpoint r.npz
run train mobilenetv2-tiny -r 32 --classes 10 --op shift --set remap=laplace --set remap_fit=mult.npz --set epochs=0 --checkpoint r.npz
"$MULFREE" weights fit shift.npz --learnt --from mult.npz -o own.json
"$MULFREE" train ./small.json --op shift --set remap=laplace --set remap_fit=own.json --set remap_fc=taps --set epochs=0 --checkpoint fitted.npz >/dev/null 2>&1
rm own.json
"$MULFREE" weights fitted.npz -l stem >/dev/null && echo the checkpoint needs no file of fits
