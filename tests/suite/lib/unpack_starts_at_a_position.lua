print(string.unpack("b", "\1\2\3", 2), string.unpack("b", "\1\2\3", -1)) --> 2	3	4
print(string.unpack("<h", "\0\1\0", 2), select("#", string.unpack("", "abc", 4)), string.unpack("", "abc", 4)) --> 1	1	4
print(pcall(string.unpack, "b", "abc", 5)) --> false	bad argument #3 to 'string.unpack' (initial position out of string)
