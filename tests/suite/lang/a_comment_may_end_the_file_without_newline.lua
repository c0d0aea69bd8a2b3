print(load("return 1 -- end")(), load("return 2 --[[x]]")(), load("--")()) --> 1	2
