print(utf8.len("\xed\xa0\x80"), utf8.len("\xc0\x80"), utf8.len("\xf4\x90\x80\x80"), utf8.len("\xe0\x80\x80"), utf8.len("\x80")) --> nil	nil	nil	nil	nil	1
print(utf8.len("\xed\xa0\x80", 1, -1, true), utf8.len("\xf4\x90\x80\x80", 1, -1, true), utf8.len("\xc0\x80", 1, -1, true)) --> 1	1	nil	1
print(pcall(utf8.codepoint, "\u{D800}")) --> false	invalid UTF-8 code
print(utf8.codepoint("\u{7FFFFFFF}", 1, 1, true)) --> 2147483647
