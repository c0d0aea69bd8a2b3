print(io.open("no-such-file")) --> nil	no-such-file: No such file or directory	2
print(io.open("no-such-folder/file", "w")) --> nil	no-such-folder/file: No such file or directory	2
print(io.open("/"  , "w")) --> nil	/: Is a directory	21
