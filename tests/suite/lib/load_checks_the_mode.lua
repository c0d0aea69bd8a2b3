print(load("return 1", "=c", "b")) --> nil	attempt to load a text chunk (mode is 'b')
print(load(string.dump(function() end), "=c", "t")) --> nil	attempt to load a binary chunk (mode is 't')
print(load("return 1", "=c", "bt")(), load("return 2", "=c", "t")()) --> 1	2
