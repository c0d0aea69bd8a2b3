print(utf8.len("aä€😀"), utf8.len(""), utf8.len("abc", 2), utf8.len("abc", -1), utf8.len("äö", 3), utf8.len("abc", 4), utf8.len("abc", 3, 2)) --> 4	0	2	1	1	0	0
print(utf8.len("ab\xffcd")) --> nil	3
print(utf8.len("\xe2\x82"), utf8.len("ä", 2)) --> nil	nil	2
