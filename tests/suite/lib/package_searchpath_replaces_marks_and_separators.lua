print(package.searchpath("a.b", "?;x/?.lua"))
print(package.searchpath("a.b", ";;?;", ".", "X"))
print(package.searchpath("a-b", "?", "-", "%1"))
print(package.searchpath("a.b", "?", ""))
print(package.searchpath("a", ""))
local name = os.tmpname()
print(package.searchpath(name, "no-such-file;?;x", "") == name)
print(pcall(package.searchpath, "x"))
os.remove(name)
--> nil	no file 'a/b'
--> 	no file 'x/a/b.lua'
--> nil	no file ''
--> 	no file ''
--> 	no file 'aXb'
--> 	no file ''
--> nil	no file 'a%1b'
--> nil	no file 'a.b'
--> nil	no file ''
--> true
--> false	bad argument #2 to 'package.searchpath' (string expected, got no value)
