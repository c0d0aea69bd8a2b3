print(load("function f() return ... end", "=c")) --> nil	c:1: cannot use '...' outside a vararg function near '...'
