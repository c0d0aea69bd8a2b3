print(load("return\v1\f+\t2\r")()) --> 3
