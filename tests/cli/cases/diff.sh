run compare mcunet-in3 -o a.json
run compare mcunet-in3 --set accelerator.clock_mhz=200 -o b.json
run compare mcunet-in3 --ops mult,shift -o c.json
run diff a.json a.json
run diff a.json b.json
run diff a.json c.json --format csv
run diff a.json nowhere.json
echo '{}' >object.json
run diff a.json object.json
run sweep arrays-small -o s.json.gz
run diff s.json.gz s.json.gz
