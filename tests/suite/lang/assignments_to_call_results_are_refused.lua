print(load("f() = 1", "=c")) --> nil	c:1: syntax error near '='
print(load("(a) = 1", "=c")) --> nil	c:1: syntax error near '='
print(load("a.b:c() = 1", "=c")) --> nil	c:1: syntax error near '='
print(load("f", "=c")) --> nil	c:1: syntax error near <eof>
print(load("a.b", "=c")) --> nil	c:1: syntax error near <eof>
