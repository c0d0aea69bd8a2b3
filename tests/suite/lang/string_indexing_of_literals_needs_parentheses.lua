print(("x"):upper(), ("%s"):format("y"), #("z"):rep(3)) --> X	y	3
print(load("return 'x':upper()", "=c")) --> nil	c:1: <eof> expected near ':'
