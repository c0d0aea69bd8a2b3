print(string.char(72, 105), #string.char(), #string.char(0, 255), string.char("65")) --> Hi	0	2	A
