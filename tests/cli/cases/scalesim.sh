cat >conv.csv <<'END'
Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
Conv1,  227, 227, 11, 11, 3,   96,  4,
Conv2,  31,  31,  5,  5,  96,  256, 1, 1
Odd,    8,   8,   3,  3,  4,   4,   2,

FC6,    1,   1,   1,  1,  9216, 4096, 1,
END
run show conv.csv
run simulate ./conv.csv --op shift --op-of Conv1=mult
gzip -k conv.csv
run compare conv.csv.gz --batch 2 --ops mult --format json
run show conv.csv --resolution 64
bad() { printf 'heading\n%s\n' "$1" >bad.csv; run show bad.csv; }
bad 'a, 10, 10, 3, 3, 4'
bad 'gemm, 64, 64, 64,'
bad 'a, 10, 10, 3, 3, 4, -4, 1'
bad 'a, 10, 10, 3, 3, 4, 4, 1, 2'
bad 'a, 2, 10, 3, 3, 4, 4, 1'
bad 'a, 10, 10, 3, 3, 4, 4, 1, 1:4'
bad ''
run show nowhere.csv
printf 'heading\na, 10, \0 10' >zero.csv
run show zero.csv
printf 'heading\nbad\xff\033name, 10, 10, 3, 3, 4, 4, 1\n' >name.csv
run show name.csv --format csv
