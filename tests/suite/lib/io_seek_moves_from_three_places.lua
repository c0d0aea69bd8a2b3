local f = io.tmpfile()
print(f:seek(), f:write("0123456789"):seek()) --> 0	10
print(f:seek("set"), f:seek("cur", 3), f:seek("end", -2), f:seek("end")) --> 0	3	8	10
print(f:seek("set", 5), f:read(1), f:seek()) --> 5	5	6
print(f:seek("set", -1)) --> nil	Invalid argument	22
print(f:seek("set", 12), f:write("x"):seek("set", 9), f:read("a") == "9\0\0x") --> 12	9	true
