print(load("return 'abc", "=c")) --> nil	c:1: unfinished string near <eof>
print(load("return 'abc\ndef'", "=c")) --> nil	c:1: unfinished string near ''abc'
print(load("return [==[abc]]", "=c")) --> nil	c:1: unfinished long string (starting at line 1) near <eof>
print(load("--[[abc", "=c")) --> nil	c:1: unfinished long comment (starting at line 1) near <eof>
print(load("\n\nreturn [[\n\n", "=c")) --> nil	c:5: unfinished long string (starting at line 3) near <eof>
print(load("return [=abc", "=c")) --> nil	c:1: invalid long string delimiter near '[='
