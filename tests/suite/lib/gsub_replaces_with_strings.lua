print(("hello"):gsub("l", "L"), ("hello"):gsub("l", "L", 1), ("hello"):gsub("x", "y"), ("hello"):gsub("", "-")) --> heLLo	heLlo	hello	-h-e-l-l-o-	6
print(("abc"):gsub("%w", "%0%0"), ("abc"):gsub("(a)(b)", "%2%1"), ("abc"):gsub("b", "%%")) --> aabbcc	bac	a%c	1
print(("abc"):gsub("b", ""), ("abc def"):gsub("%w+", "<%0>", 1), ("abc"):gsub(".", "x", 0), ("abc"):gsub(".", "x", -1)) --> ac	<abc> def	abc	abc	0
