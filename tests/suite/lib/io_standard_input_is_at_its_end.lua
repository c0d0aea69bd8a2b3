print(io.read(), io.read("n"), io.read(0), io.read("a") == "") --> nil	nil	nil	true
print(io.stdin:read("l")) --> nil
for line in io.lines() do print(line) end
print(io.type(io.stdin)) --> file
