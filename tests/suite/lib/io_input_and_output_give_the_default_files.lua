print(io.input() == io.stdin, io.output() == io.stdout) --> true	true
local name = os.tmpname()
print(io.output(name) == io.output(), io.output() == io.stdout) --> true	false
io.write("one\n", 2, "\n")
print(io.close()) --> true
print(io.input(name) == io.input()) --> true
print(io.read("l", "n")) --> one	2
print(io.input():close(), io.input(io.stdin) == io.stdin) --> true	true
io.output(io.stdout)
os.remove(name)
