# Keys and axes that have nothing to change, whatever their value.
set_() { key=$1; shift; run "$@" --set "$key"; }
cat >conv.csv <<'END'
Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
one, 10, 10, 3, 3, 4, 8, 1,
two, 8, 8, 1, 1, 8, 8, 1,
END
set_ conventions.depthwise=own_input simulate ./conv.csv
set_ conventions.grouped=one_layer_per_group simulate ./conv.csv
set_ conventions.operation_type.shift=int8 simulate ./conv.csv
set_ conventions.data_bits=activation simulate ./conv.csv
set_ conventions.data_bits=activation compare ./conv.csv --ops mult,add
set_ accelerator.psum_bits=16 simulate ./conv.csv --accounting consistent
set_ accelerator.vector_lanes=1 simulate ./conv.csv --accounting consistent
set_ accelerator.vector_lanes=1 map ./conv.csv -l one --bits 16
set_ accelerator.buffer_halo=kept map ./conv.csv -l two
set_ accelerator.pe_columns=8 simulate ./conv.csv --accounting consistent --area-um2 2000000
set_ accelerator.zero_gating=no simulate ./conv.csv --engine systemc
set_ accelerator.run_length_bits=4 compare ./conv.csv --ops mult --engine systemc
pools='[{"name": "all", "pe_rows": 8, "pe_columns": 8, "operators": ["mult"]}, {"name": "rest", "pe_rows": 8, "pe_columns": 8, "operators": ["shift"]}]'
run simulate ./conv.csv --accounting consistent --set "accelerator.pools=$pools" --set accelerator.pe_rows=4
run simulate ./conv.csv --accounting consistent --set "accelerator.pools=$pools" --set 'accelerator.pools[1].pe_rows=4'
run simulate ./conv.csv --accounting consistent --set "accelerator.pools=$pools" --set 'accelerator.pools[0].name=other'
run simulate ./conv.csv --accounting consistent --iso-area --set "accelerator.pools=$pools" --set 'accelerator.pools[0].pe_rows=4'
run map ./conv.csv -l one --format json --output nest.json
set_ accelerator.psum_in_bus_bits=1 map ./conv.csv -l one --mapping nest.json
set_ accelerator.psum_out_bus_bits=64 map ./conv.csv -l one --mapping nest.json
printf '{"name": "s", "about": "a", "grid": {"%s": [%s], "network": ["./conv.csv"], "op": ["mult"]}}' psum_bits 16,32 >axis.json
run sweep ./axis.json --accounting consistent
printf '{"name": "s", "about": "a", "grid": {"%s": [%s], "network": ["./conv.csv"], "op": ["mult"]}}' zero_gating '"no"' >axis.json
run sweep ./axis.json --engine systemc
cat >plain.json <<'END'
{"name": "plain", "about": "a", "source": "s", "input": {"channels": 3, "rows": 8, "columns": 8}, "classes": 10,
 "parts": [{"type": "conv", "channels": 8, "kernel": 3}, {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]}
END
set_ residual_gamma=0.5 train ./plain.json --checkpoint c.npz
run train ./plain.json --set epochs=0 --checkpoint c.npz
set_ rate=0.5 train --resume c.npz --set epochs=0
set_ accelerator.pe_overhead_um2=100 simulate ./conv.csv --accounting consistent --iso-area
run compare ./conv.csv --ops mult --accounting consistent --iso-area
set_ accelerator.psum_register_words=4 simulate ./conv.csv --accounting consistent --dataflow no-local-reuse
set_ accelerator.weight_loading=overlapped simulate ./conv.csv --accounting consistent --dataflow no-local-reuse
set_ accelerator.clock_mhz=125 map ./conv.csv -l one --format json -s accelerator.dram_mb_per_s=unlimited
