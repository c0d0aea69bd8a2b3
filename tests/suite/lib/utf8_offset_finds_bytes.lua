local s = "aä€b"
print(utf8.offset(s, 1), utf8.offset(s, 2), utf8.offset(s, 3), utf8.offset(s, 4), utf8.offset(s, 5), utf8.offset(s, 6)) --> 1	2	4	7	8	nil
print(utf8.offset(s, -1), utf8.offset(s, -2), utf8.offset(s, -4), utf8.offset(s, -5), utf8.offset(s, 0, 3), utf8.offset(s, 0, 5)) --> 7	4	1	nil	2	4
print(utf8.offset(s, 2, 2), utf8.offset(s, -1, 4)) --> 4	2
