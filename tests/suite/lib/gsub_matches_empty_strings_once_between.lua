print((("abc"):gsub("%w*", "x")), (("abc def"):gsub("%w*", "x")), (("abc"):gsub("b*", "-")), ((""):gsub("", "x"))) --> x	x x	-a-c-	x
