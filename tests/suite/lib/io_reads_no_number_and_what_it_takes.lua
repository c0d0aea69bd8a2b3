local f = io.tmpfile()
f:write(".e+\t0.e;\t--;  0xX; nan inf 1e")
f:seek("set")
print(f:read("n"), f:read(2), "|") --> nil	e+	|
print(f:read("n"), f:read(1), "|") --> nil	;	|
print(f:read("n"), f:read(2), "|") --> nil	-;	|
print(f:read("n"), f:read(1), "|") --> nil	X	|
print(f:read("n"), f:read(1), "|") --> nil	;	|
print(f:read("n"), f:read(3), "|") --> nil	nan	|
print(f:read("n"), f:read(3), "|") --> nil	inf	|
print(f:read("n"), f:read("a"), "|") --> nil		|
