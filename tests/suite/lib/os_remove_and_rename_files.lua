local a, b = os.tmpname(), os.tmpname()
io.open(a, "w"):write("content"):close()
print(os.rename(a, b)) --> true
print(os.rename(a, b)) --> nil	No such file or directory	2
print(io.open(b):read("a"), (io.open(a))) --> content	nil
print(os.remove(b), (os.remove(b))) --> true	nil
print(select(2, os.remove("no-such-file")), select(3, os.remove("no-such-file"))) --> no-such-file: No such file or directory	2
print(pcall(os.remove)) --> false	bad argument #1 to 'os.remove' (string expected, got no value)
print(pcall(os.rename, "x")) --> false	bad argument #2 to 'os.rename' (string expected, got no value)
