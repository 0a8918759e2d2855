run table 3
run table 3 --corrected --format csv
run table 3 --format json
