print(load("goto nowhere", "=c")) --> nil	c:1: no visible label 'nowhere' for <goto> at line 1
print(load("do ::inner:: end goto inner", "=c")) --> nil	c:1: no visible label 'inner' for <goto> at line 1
