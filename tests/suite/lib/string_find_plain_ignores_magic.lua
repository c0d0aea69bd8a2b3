print(("a.b"):find(".", 1, true), ("a+b"):find("+b", 1, true), ("a.b"):find("%.", 1, true)) --> 2	2	nil
print(("abc"):find("", 10, true), ("a\0b"):find("\0", 1, true)) --> nil	2	2
