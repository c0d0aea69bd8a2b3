local fmt = "<bBhHi3I5lLjJTfdn"
print(string.unpack(fmt, string.pack(fmt, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, 6, 0.5, 1.25, -2.5))) --> -1	1	-2	2	-3	3	-4	4	-5	5	6	0.5	1.25	-2.5	75
print(string.packsize(fmt)) --> 74
