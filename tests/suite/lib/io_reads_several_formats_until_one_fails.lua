local f = io.tmpfile()
f:write("line\n12 0x10 rest\n3\n")
f:seek("set")
print(f:read("l", "n", "n", "l")) --> line	12	16	 rest
print(f:read("n", "n", "l")) --> 3	nil
print(f:read("*l", "*a")) --> nil
