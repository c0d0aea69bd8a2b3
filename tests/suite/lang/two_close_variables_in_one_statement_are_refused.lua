print(load("local a <close>, b <close> = 1, 2", "=c")) --> nil	c:1: multiple to-be-closed variables in local list
