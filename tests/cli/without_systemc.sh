# A build without SystemC prices as any other, and says what it lacks where it is asked to execute.
run simulate mobilenetv2-w0.35 -r 64 -a eyeriss-12x14 --engine systemc
run compare mobilenetv2-w0.35 -r 64 -a eyeriss-12x14 --engine systemc
run sweep arrays-small --engine systemc
run validate --engine systemc
run compare mobilenetv2-w0.35 -r 64 -a eyeriss-12x14 --accounting consistent --bits 16
