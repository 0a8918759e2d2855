# The best nest of a layer as a program and as JSON, a nest given back, why it won, and what is wrong with some.
run map alexnet -l conv_2 -a eyeriss-12x14 --bits 16 --batch 4 --why
run map mobilenetv2-w0.35 --layer depthwise_4 --op shift --resolution 64 --format json -o nest.json
cat nest.json
run map mobilenetv2-w0.35 --layer depthwise_4 --op shift --resolution 64 --mapping nest.json
run map mobilenetv2-w0.35 --layer depthwise_4 --op shift --resolution 64 --mapping nest.json --dataflow weight-stationary | sed -n 1,6p
run map mobilenetv2-w0.35
run map mobilenetv2-w0.35 --layer depthwise
run map mobilenetv2-w0.35 --layer nosuch
run map mobilenetv2-w0.35 --layer 3 --mapping nosuch.json
run map mobilenetv2-w0.35 --layer 3 --format csv
echo '{"tiles": {"register": {"M": 16, "C": 8, "E": 2}, "buffer": {"F": "whole"}}, "order": {"buffer": ["F"]}, "bypass_buffer": ["weight"]}' >m.json
run map mobilenetv2-w0.35 --layer 3 --mapping m.json
echo '{"tiles": {"columns": {"M": 16}, "rows": {"E": 17, "M": 16}}, "order": {}, "bypass_buffer": ["weight"]}' >m.json
run map mobilenetv2-w0.35 --layer 3 --mapping m.json
echo '{"tiles": {"buffer": {"M": 48, "E": 80, "F": "whole", "C": 8}}, "order": {}}' >m.json
run map mobilenetv2-w0.35 --layer 3 --mapping m.json
echo '{"tiles": {"rows": {"M": 5}, "buffer": {"M": 4}}, "order": {}}' >m.json
run map mobilenetv2-w0.35 --layer 3 --mapping m.json
echo '{"tiles": {"rows": {"K": 5}}, "order": {}}' >m.json
run map mobilenetv2-w0.35 --layer 3 --mapping m.json
echo '{"tiles": {}, "order": {"dram": ["M", "M"]}}' >m.json
run map mobilenetv2-w0.35 --layer 3 --mapping m.json
echo '{"tiles": {"register": {"M": 0}}, "order": {}}' >m.json
run map mobilenetv2-w0.35 --layer 3 --mapping m.json
