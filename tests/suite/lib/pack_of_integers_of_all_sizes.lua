local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
print(hex(string.pack("<b B", -1, 255)), hex(string.pack("<hH", -2, 65535)), hex(string.pack("<i3I3", -3, 0x010203))) --> ffff	feffffff	fdffff030201
print(hex(string.pack("<i4", 1)), hex(string.pack(">i4", 1)), hex(string.pack("<l", -1)), hex(string.pack("<j", 5))) --> 01000000	00000001	ffffffffffffffff	0500000000000000
print(hex(string.pack("<i16", -2)), hex(string.pack(">I16", 1)), hex(string.pack("<T", 7))) --> feffffffffffffffffffffffffffffff	00000000000000000000000000000001	0700000000000000
print(hex(string.pack("=I2", 1)), hex(string.pack("<i7", 2^40))) --> 0100	00000000000100
