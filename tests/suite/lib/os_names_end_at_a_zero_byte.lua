local name = os.tmpname()
io.open(name .. "\0ignored", "w"):write("x"):close()
print(io.open(name):read("a"), io.open(name .. "\0other"):read("a")) --> x	x
print(os.remove(name .. "\0")) --> true
print((select(2, io.open("no-such-file\0tail")))) --> no-such-file: No such file or directory
