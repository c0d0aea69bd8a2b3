print(loadfile("no-such-file"))
print(pcall(dofile, "no-such-file"))
print(loadfile("/"))
print(pcall(loadfile, {}))
print(loadfile("no-such-file\0tail"))
dofile("no-such-file")
--> nil	cannot open no-such-file: No such file or directory
--> false	cannot open no-such-file: No such file or directory
--> nil	cannot read /: Is a directory
--> false	bad argument #1 to 'loadfile' (string expected, got table)
--> nil	cannot open no-such-file: No such file or directory
--!> cannot open no-such-file: No such file or directory
