local f = load("return [[a\r\nb\rc\n\rd\ne]]")
print((f():gsub("\n", "|"))) --> a|b|c|d|e
