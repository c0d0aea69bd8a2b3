local name = os.tmpname()
io.open(name, "w"):write("local x, z = coroutine.yield(10) local y = coroutine.yield(20) return x + y * z"):close()
local f = coroutine.wrap(dofile)
print(f(name)) --> 10
print(f(100, 101)) --> 20
print(f(200)) --> 20300
os.remove(name)
