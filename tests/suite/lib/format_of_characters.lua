print(("%c%c%c"):format(76, 117, 97), #("%c"):format(0), ("%5c|%-5c|"):format(65, 66)) --> Lua	1	    A|B    |
