local f = io.tmpfile()
print(f:close()) --> true
print(pcall(f.read, f)) --> false	attempt to use a closed file
print(pcall(f.write, f, "x")) --> false	attempt to use a closed file
print(pcall(f.seek, f)) --> false	attempt to use a closed file
print(pcall(f.flush, f)) --> false	attempt to use a closed file
print(pcall(f.setvbuf, f, "no")) --> false	attempt to use a closed file
print(pcall(f.lines, f)) --> false	attempt to use a closed file
print(pcall(f.close, f)) --> false	attempt to use a closed file
print(pcall(io.close, f)) --> false	attempt to use a closed file
