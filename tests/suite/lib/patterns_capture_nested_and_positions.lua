print(("key = value"):match("((%w+)%s*=%s*(%w+))")) --> key = value	key	value
print(("abc"):match("()a()b()c()")) --> 1	2	3	4
print(("x"):match("(((x)))")) --> x	x	x
print(("abc"):match("(a)(x?)(b)")) --> a		b
