print(string.unpack("<i3", "\xff\xff\xff"), string.unpack("<I3", "\xff\xff\xff")) --> -1	16777215	4
print(string.unpack("<i16", ("\xff"):rep(16)), string.unpack(">i10", ("\0"):rep(9) .. "\x7f")) --> -1	127	11
print(pcall(string.unpack, "<i9", ("\xff"):rep(8) .. "\1")) --> false	9-byte integer does not fit into Lua Integer
print(pcall(string.unpack, "<I16", ("\xff"):rep(16))) --> false	16-byte integer does not fit into Lua Integer
