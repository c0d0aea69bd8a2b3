print(tonumber("ff", 16), tonumber("FF", 16), tonumber("zz", 36), tonumber("1010", 2), tonumber("777", 8), tonumber("-ff", 16), tonumber(" 11 ", 2)) --> 255	255	1295	10	511	-255	3
print(tonumber("8", 8), tonumber("1.5", 10), tonumber("", 10), tonumber("g", 16), tonumber("0x1", 16), tonumber("7fffffffffffffff", 16), tonumber("ffffffffffffffff", 16)) --> nil	nil	nil	nil	nil	9223372036854775807	-1
