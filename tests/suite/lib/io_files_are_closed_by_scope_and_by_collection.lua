local name = os.tmpname()
local kept
do
  local f <close> = io.open(name, "w")
  f:write("scope")
  kept = f
end
print(io.type(kept), io.open(name):read("a")) --> closed file	scope
io.open(name, "w"):write("collected")
collectgarbage()
collectgarbage()
print(io.open(name):read("a")) --> collected
local g = io.open(name)
getmetatable(g).__gc(g)
print(io.type(g)) --> closed file
print(pcall(getmetatable(g).__gc, 1)) --> false	bad argument #1 to '?' (FILE* expected, got number)
os.remove(name)
