# Traces: made, looked into, checked, executed; and what is wrong with some.
run trace make mobilenetv2-tiny -r 32 --op shift --random 7 --psum-bits 16 -o a.npz
run trace make mobilenetv2-tiny -r 32 --op shift --random 7 --psum-bits 16 -o b.npz
cmp a.npz b.npz && echo same bytes
run trace info a.npz | head -8
run trace info a.npz --format csv | tail -1
run trace verify a.npz
run trace verify a.npz -f json
run simulate a.npz -a eyeriss-12x14 --engine systemc | tail -4
run show a.npz | tail -4
run trace make mobilenetv2-tiny -r 32 --random 7 -o wide.npz
run simulate wide.npz -a eyeriss-12x14 --engine systemc
run simulate wide.npz -a shiftaddaug-16x12 --engine systemc | tail -4 | head -1
head -c 20000 a.npz >cut.npz
run trace verify cut.npz
echo nothing >text.npz
run trace info text.npz
run trace info nosuch.npz
printf 'x' | dd of=a.npz bs=1 seek=9000 conv=notrunc 2>/dev/null
run trace verify a.npz
run simulate b.npz -r 64 -a eyeriss-12x14 --engine systemc
run simulate b.npz --op-of stem_0=mult -a eyeriss-12x14 --engine systemc
run simulate b.npz --bits 8 -a eyeriss-12x14 --engine systemc
run simulate b.npz --schedule resident -a eyeriss-12x14
run compare b.npz --engine systemc
run trace make b.npz --random 1 -o c.npz
run trace make mobilenetv2-tiny --random 7
run trace make mobilenetv2-tiny -o c.npz
run trace make mobilenetv2-tiny --random x -o c.npz
run trace make mobilenetv2-tiny --random 7 --bits fp32 -o c.npz
run trace make nosuch --random 7 -o c.npz
run trace make mobilenetv2-tiny -r 32 --random 7 -o nowhere/c.npz
run trace mend a.npz
run trace info
ls
