local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
print(hex(string.pack("<!4 b i4", 1, 2)), hex(string.pack("<!2 b i4", 1, 2)), hex(string.pack("<b x h", 1, 2))) --> 0100000002000000	010002000000	01000200
print(hex(string.pack("<!8 b Xi8 b", 1, 2)), hex(string.pack("<!4 i1 !2 i4", 1, 2)), string.packsize("<!8 b d b")) --> 010000000000000002	010002000000	17
print(string.unpack("<!4 b i4", "\1\0\0\0\2\0\0\0")) --> 1	2	9
