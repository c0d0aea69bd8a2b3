print(load("goto l; local a; ::l:: print(a)", "=c")) --> nil	c:1: <goto l> at line 1 jumps into the scope of local 'a'
print(load("do goto l; local a; ::l:: end return 1", "=c") ~= nil) --> true
