print(utf8.codepoint("aä€😀", 1, -1)) --> 97	228	8364	128512
print(utf8.codepoint("abc"), utf8.codepoint("abc", 2), utf8.codepoint("abc", -1)) --> 97	98	99
print(select("#", utf8.codepoint("abc", 3, 2))) --> 0
