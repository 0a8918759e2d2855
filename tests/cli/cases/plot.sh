# Charts as files: what they say (an SVG is text), the same bytes twice, and what goes wrong.
words() { grep -o '>[^<>]*<' "$1" | tr -d '<>' | grep '[a-z]' | grep -v -i gnuplot | sort -u | tr '\n' ';'; echo; }
run simulate resnet20-cifar --op shift --accounting consistent --plot a.svg -o a.txt
words a.svg
run simulate resnet20-cifar --op shift --accounting consistent --plot b.svg -o b.txt
cmp a.svg b.svg
run compare resnet20-cifar --accounting consistent --plot c.svg -o c.txt
words c.svg
run compare resnet20-cifar --plot c.svg -o c.txt
words c.svg
run compare resnet20-cifar --accounting published,consistent --plot c.svg -o c.txt
words c.svg
run table 3 --corrected --plot c.svg -o c.txt
words c.svg
run sweep arrays-small --plot d.svg -o d.csv
words d.svg
run compare resnet20-cifar --accounting consistent --plot e.png -o e.txt
head -c 4 e.png | tail -c 3; echo
run compare resnet20-cifar --accounting consistent --plot e.pdf -o e.txt
head -c 4 e.pdf; echo
ls
run compare resnet20-cifar --accounting consistent --plot e.jpg
run table 1 --plot e.svg
run compare resnet20-cifar --accounting consistent --plot nosuch/e.svg -o e.txt
PATH=/nowhere run compare resnet20-cifar --accounting consistent --plot f.svg -o f.txt
ls
