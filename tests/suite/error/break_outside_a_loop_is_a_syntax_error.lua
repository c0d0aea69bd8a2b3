print(load("break", "=c")) --> nil	c:1: break outside loop at line 1
print(load("while true do local function f() break end end", "=c")) --> nil	c:1: break outside loop at line 1
print(load("do break end\nprint(1)", "=c")) --> nil	c:2: break outside loop at line 1
