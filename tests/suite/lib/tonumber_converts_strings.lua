print(tonumber("10"), tonumber("1.5"), tonumber("0x10"), tonumber("1e2"), tonumber("  7  "), tonumber("0x.8p1"), tonumber("-5"), tonumber("+5")) --> 10	1.5	16	100.0	7	1.0	-5	5
print(tonumber(""), tonumber("x"), tonumber("1 2"), tonumber("1e"), tonumber("0x"), tonumber("1_0"), tonumber("- 1"), tonumber("1\0")) --> nil	nil	nil	nil	nil	nil	nil	nil
print(tonumber("inf"), tonumber("nan"), tonumber("1e400"), tonumber("9223372036854775808"), tonumber(".5"), tonumber("5."), tonumber(".")) --> nil	nil	inf	9.2233720368548e+18	0.5	5.0	nil
print(tonumber(nil), tonumber({}), tonumber(true), tonumber(5), tonumber(5.5)) --> nil	nil	nil	5	5.5
