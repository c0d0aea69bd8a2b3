print(load("return 1 + 1")()) --> 2
print(load("x = 5")(), x) --> nil	5
print(load("return ...", "=c")(1, 2)) --> 1	2
print(type(load("")), load("")()) --> function
