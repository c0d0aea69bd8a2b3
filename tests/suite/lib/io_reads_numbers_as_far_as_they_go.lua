local f = io.tmpfile()
f:write("-12.3-\t-0xffff+  .3|5.E-3X  +234e+13E 0xDEADBEEFDEADBEEFx\n0x1.13Ap+3e")
f:seek("set")
print(f:read("n", 1)) --> -12.3	-
print(f:read("n", 1), f:read(1) == " ") --> -65535	true
print(f:read("n", 1)) --> 0.3	|
print(f:read("n", 1)) --> 0.005	X
print(f:read("n", 1)) --> 2.34e+15	E
print(f:read("n", 1)) --> -2401053088876216593	x
print(f:read(1) == "\n", f:read("n", 1)) --> true	8.61328125	e
print(f:read("n")) --> nil
