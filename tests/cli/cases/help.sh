run
run --version
for command in list show table simulate compare sweep diff completion man; do
    run $command --help
done
run help sweep | head -3
