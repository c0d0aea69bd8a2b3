-- Each statement, with the jumps that go with it.
local function conditions(a, b, c)
  local r = a and b or c
  local n = not (a and b) and (b or c)
  local v = (a or b) and (b or c)
  a = a or b
  b = b and c
  if a and (b or c) then r = {r} elseif a or b then r = 1 else r = 2 end
  while a and not b do a = b and a or nil end
  return type(r), n, v, a, b, c == nil and "nil" or c == false or "rest"
end
for i = 0, 26 do
  local values = {[0] = nil, false, 7}
  print(conditions(values[i % 3], values[i // 3 % 3], values[i // 9]))
end

for i = 3, 1 do print("never") end
for i = 3, 1, -1 do print(i) end
for i = 1.0, 2, 0.5 do print(i) end
for i = math.maxinteger - 1, math.maxinteger do print(i) end
for i = 1, 4 do
  if i == 2 then goto continue end
  if i == 4 then break end
  print("turn", i)
  ::continue::
end
for k, v in next, {10} do print(k, v) end
for k, v, extra in (function() local n = 0 return function() n = n + 1 if n < 3 then return n, n * n end end end)() do
  print(k, v, extra)
end

do
  local n = 0
  ::again::
  n = n + 1
  local function f() return n end
  if f() < 3 then goto again end
  print(n)
  while true do
    n = n - 1
    if n == 0 then break end
    do local k = n repeat k = k - 1 until k < 0 or k == 1 print("k", k) end
  end
  repeat local x = n; n = n + 1; local g = function() return x end until g() == 2
  print(n)
  local i = 1
  while true do i = i * 2 if i > 100 then goto out end end
  ::out:: print(i)
end

-- Variables to be closed, on each way out.
local function closing(name) return setmetatable({}, {__close = function(_, e) print("close", name, e) end}) end
local function leave(how)
  local a <close> = closing("a")
  for i = 1, 2 do
    local b <close> = closing("b" .. i)
    if how == "break" then break end
    if how == "return" then return "returned", i end
    if how == "goto" then goto done end
    if how == "error" then error("oops", 0) end
  end
  ::done::
  for x in next, {5}, nil, closing("iterator") do
    if how == "inner" then return x end
  end
  return "end"
end
for _, how in ipairs({"break", "return", "goto", "error", "inner", "plain"}) do print(how, pcall(leave, how)) end
do local c <const> = 5 local d <const> = {c} print(c + 1, d[1]) end

-- Assignments.
local a, b, c = 1
print(a, b, c)
a, b, c = 1, 2, 3, 4
a, b = b, a
print(a, b, c)
local t = {1, 2}
local i = 1
i, t[i] = i + 1, 20
print(i, t[1], t[2])
local x, y, z = (function() return 1, 2, 3 end)()
print(x, y, z)
local p, q = ((function() return 1, 2 end)())
print(p, q)
x = nil y = true z = false
print(x, y, z)
local n1, n2, n3 <const> = 1e300, -0.0, 100000
print(n1, n2, n3, 65535, 65536, -65535, -65536, 131072, 3.0, -3.0, 65536.0, 1e5, 0x7fffffffffffffff)

--> number	nil	nil	nil	nil	nil
--> number	nil	nil	nil	nil	nil
--> number	nil	nil	nil	nil	nil
--> number	nil	false	false	false	nil
--> number	nil	false	false	false	nil
--> number	nil	nil	nil	false	nil
--> number	7	7	nil	nil	nil
--> number	7	7	nil	nil	nil
--> number	false	7	nil	nil	nil
--> number	false	nil	nil	nil	true
--> number	false	nil	nil	nil	true
--> number	false	false	nil	nil	true
--> number	false	false	false	false	true
--> number	false	false	false	false	true
--> number	false	false	nil	false	true
--> number	7	7	nil	false	true
--> number	7	7	nil	false	true
--> number	false	7	nil	false	true
--> number	7	nil	nil	nil	rest
--> number	7	nil	nil	nil	rest
--> table	7	7	nil	nil	rest
--> number	7	false	false	false	rest
--> number	7	false	false	false	rest
--> table	7	7	nil	false	rest
--> table	7	7	7	7	rest
--> table	7	7	7	7	rest
--> table	false	7	7	7	rest
--> 3
--> 2
--> 1
--> 1.0
--> 1.5
--> 2.0
--> 9223372036854775806
--> 9223372036854775807
--> turn	1
--> turn	3
--> 1	10
--> 1	1	nil
--> 2	4	nil
--> 3
--> k	1
--> k	-1
--> 3
--> 128
--> close	b1	nil
--> close	iterator	nil
--> close	a	nil
--> break	true	end
--> close	b1	nil
--> close	a	nil
--> return	true	returned	1
--> close	b1	nil
--> close	iterator	nil
--> close	a	nil
--> goto	true	end
--> close	b1	oops
--> close	a	oops
--> error	false	oops
--> close	b1	nil
--> close	b2	nil
--> close	iterator	nil
--> close	a	nil
--> inner	true	1
--> close	b1	nil
--> close	b2	nil
--> close	iterator	nil
--> close	a	nil
--> plain	true	end
--> 6	5
--> 1	nil	nil
--> 2	1	3
--> 2	20	2
--> 1	2	3
--> 1	nil
--> nil	true	false
--> 1e+300	-0.0	100000	65535	65536	-65535	-65536	131072	3.0	-3.0	65536.0	100000.0	9223372036854775807
