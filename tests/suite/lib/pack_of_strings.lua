local function show(s) return (s:gsub("%c", function(c) return "<" .. c:byte() .. ">" end)) end
print(show(string.pack("z", "hello")), show(string.pack("<s1", "abc")), show(string.pack("<s2", "abc")), show(string.pack(">s4", "x"))) --> hello<0>	<3>abc	<3><0>abc	<0><0><0><1>x
print(show(string.pack("c5", "abc")), show(string.pack("<s", "hi")), #string.pack("c0", "")) --> abc<0><0>	<2><0><0><0><0><0><0><0>hi	0
print(string.unpack("z", "abc\0def"), string.unpack("s1", "\3abcdef"), string.unpack("c2", "xyz")) --> abc	abc	xy	3
print(string.unpack("z z c1", "a\0bc\0d")) --> a	bc	d	7
