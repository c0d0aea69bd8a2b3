print(load("::a:: ::a::", "=c")) --> nil	c:1: label 'a' already defined on line 1
print(load("::a::\ndo ::a:: end", "=c")) --> nil	c:2: label 'a' already defined on line 1
