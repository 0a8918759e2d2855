run table 1
run table 1 --format json
run table 2
