run simulate mobilenetv2-tiny --op shift
run simulate alexnet --format csv
run simulate mobilenetv2-w0.35 --op add --op-of stem=mult --set conventions.objective=energy -a eyeriss-12x14
