print(load("do\nlocal x = 1\n", "=c")) --> nil	c:3: 'end' expected (to close 'do' at line 1) near <eof>
print(load("function f()\n\nreturn 1\n", "=c")) --> nil	c:4: 'end' expected (to close 'function' at line 1) near <eof>
print(load("if x then\n\n", "=c")) --> nil	c:3: 'end' expected (to close 'if' at line 1) near <eof>
print(load("for i = 1, 2 do\n\n\n", "=c")) --> nil	c:4: 'end' expected (to close 'for' at line 1) near <eof>
print(load("repeat\n\nlocal x", "=c")) --> nil	c:3: 'until' expected (to close 'repeat' at line 1) near <eof>
print(load("f(\n\n1", "=c")) --> nil	c:3: ')' expected (to close '(' at line 1) near <eof>
print(load("x = {\n1,\n2\n", "=c")) --> nil	c:4: '}' expected (to close '{' at line 1) near <eof>
print(load("while true do\nend end", "=c")) --> nil	c:2: <eof> expected near 'end'
