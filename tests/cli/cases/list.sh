run list
run list networks --format csv
run list network
