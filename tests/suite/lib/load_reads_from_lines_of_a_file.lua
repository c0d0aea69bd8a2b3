local name = os.tmpname()
io.open(name, "w"):write("a = 10 + 34\na = 2*a\na = -a\n"):close()
local t = {}
load(io.lines(name, "L"), nil, nil, t)()
print(t.a) --> -88
load((io.lines(name, 3)), nil, nil, t)()
print(t.a, (load((io.lines(name))))) --> -88	nil
os.remove(name)
