print(load("x =")) --> nil	[string "x ="]:1: unexpected symbol near <eof>
print(load("return return", "@file.lua")) --> nil	file.lua:1: unexpected symbol near 'return'
print(load("x = = 2", "=(chunk)")) --> nil	(chunk):1: unexpected symbol near '='
