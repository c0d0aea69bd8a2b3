print(load("local x <foo> = 1", "=c")) --> nil	c:1: unknown attribute 'foo'
print(load("local x <const", "=c")) --> nil	c:1: '>' expected near <eof>
