print(("abc"):match("^abc$"), ("abcd"):match("^abc$"), ("a^b"):match("a^b"), ("a$b"):match("a$b"), ("$"):match("^$"), (""):match("^$") == "") --> abc	nil	a^b	a$b	nil	true
print(("abc"):gsub("^a", "x"), (("aaa"):gsub("^a", "x"))) --> xbc	xaa
