local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
print(hex(string.pack("<i2 >i2 <i2", 1, 1, 1)), hex(string.pack(">d", 1)), hex(string.pack("<f", 1))) --> 010000010100	3ff0000000000000	0000803f
print(string.unpack(">f", "\x3f\x80\0\0"), (string.unpack("<d", "\0\0\0\0\0\0\xf0\x3f"))) --> 1.0	1.0
