local function f(a, b, ...)
  local c = 30
  local names = {}
  for n = 1, 3 do names[#names + 1] = table.concat({debug.getlocal(1, n)}, "=") end
  for n = -1, -3, -1 do names[#names + 1] = table.concat({debug.getlocal(1, n)}, "=") end
  return table.concat(names, " ")
end
print(f(10, 20, 40, 50)) --> a=10 b=20 c=30 (vararg)=40 (vararg)=50 
print(debug.getlocal(f, 1), debug.getlocal(f, 2), debug.getlocal(f, 3)) --> a	b	nil
print(debug.getlocal(print, 1)) --> nil
local function g() local x = 1; local name = debug.setlocal(1, 1, "new"); return name, x end
print(g()) --> x	new
local function h(...) debug.setlocal(1, -2, "new"); return ... end
print(h(1, 2)) --> 1	new
print((select(1, debug.getlocal(1, 100)))) --> nil
print(pcall(debug.getlocal, 100, 1)) --> false	bad argument #1 to 'debug.getlocal' (level out of range)
print(pcall(debug.setlocal, 100, 1, 2)) --> false	bad argument #1 to 'debug.setlocal' (level out of range)
do
  local inner = 5
end
print((function() local name = debug.getlocal(2, 4) return name end)()) --> (temporary)
print((debug.getlocal(0, 1))) --> (C temporary)
