-- Functions, calls and variables outside of them.
local function va(...)
  local a, b = ...
  local t = {...}
  local n = select("#", ...)
  return n, a, b, #t, ...
end
print(va()) print(va(1)) print(va(1, nil, 3)) print((va(1, 2)))
local function fixed(a, b, ...) return b, a, ... end
print(fixed()) print(fixed(1, 2, 3, 4))
local function tail(n, ...) if n == 0 then return ... end return tail(n - 1, n, ...) end
print(tail(5)) print(select("#", tail(100)))
local function sum(n, acc) if n == 0 then return acc end return sum(n - 1, acc + n) end
print(sum(100000, 0))
local function none() end
print((none())) print(none(), none()) print(none(), 1)
print(va(va(1, 2), va(3)))

local counters = {}
for i = 1, 3 do
  local n = i * 10
  counters[i] = {up = function(d) n = n + (d or 1) return n end, get = function() return n, i end}
end
counters[1].up() counters[2].up(5)
for i = 1, 3 do print(counters[i].get()) end
local function outer()
  local a, b = 1, 2
  local function middle()
    local function inner() a = a + b; b = b * 2; return a, b end
    return inner
  end
  return middle(), function() return a, b end
end
local inner, look = outer()
print(inner()) print(inner()) print(look())
local function loop_closures()
  local t = {}
  local j = 0
  while j < 3 do j = j + 1 local k = j t[j] = function() k = k + 1 return k end if j == 2 then goto skip end ::skip:: end
  return t[1](), t[1](), t[2](), t[3]()
end
print(loop_closures())

local object = {n = 1}
function object:add(d, ...) self.n = self.n + d return self, ... end
function object.make(n) return setmetatable({n = n}, {__index = object}) end
print(object:add(2):add(3).n, object.make(5):add(1, 2, 3).n)
print(select(2, object:add(1, "x", "y")))
function object:a_method_whose_name_is_longer_than_forty_bytes_of_text(x) return self.n + x end
print(object:a_method_whose_name_is_longer_than_forty_bytes_of_text(1))
print(object.make(7):a_method_whose_name_is_longer_than_forty_bytes_of_text(1))
print(("x"):rep(3), ("%d"):format(7), #("abc"):upper())
local callable = setmetatable({}, {__call = function(self, ...) return "called", ... end})
print(callable(1, 2)) print((function(...) return callable(...) end)(3, 4))
print(pcall(error)) print(pcall(error, nil)) print(select(-1, 1, 2, 3))

local co = coroutine.wrap(function(...)
  local x = coroutine.yield(...)
  for i = 1, 2 do x = x + coroutine.yield(i, x) end
  local m = setmetatable({}, {__add = function(a, b) return coroutine.yield("add") end, __lt = function() return coroutine.yield("lt") end})
  local r = m + 1
  local less = m < 1.0
  if 1 < m then less = {less} end
  for k in function(_, k) return coroutine.yield("next") end do r = k break end
  return r, type(less)
end)
print(co(1, 2)) print(co(10)) print(co(20)) print(co(30)) print(co(5)) print(co(true)) print(co(nil)) print(co(8))

function global_function(x) global_value = x return global_value end
print(global_function(3), global_value, _G.global_value, undefined_global)
do local _ENV = {print = print} x = 1 print(x, _ENV.x) end
local function with_env(_ENV) y = 2 return y, z end
print(with_env({z = 3}))
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
print(fib(20))

--> 0	nil	nil	0
--> 1	1	nil	1	1
--> 3	1	nil	3	1	nil	3
--> 2
--> nil	nil
--> 2	1	3	4
--> 1	2	3	4	5
--> 100
--> 5000050000
--> nil
--> nil
--> nil	1
--> 6	2	1	6	2	1	3	nil	1	3
--> 11	1
--> 25	2
--> 30	3
--> 3	4
--> 7	8
--> 7	8
--> 2	3	3	4
--> 6	6
--> x	y
--> 8
--> 8
--> xxx	7	3
--> called	1	2
--> called	3	4
--> false	nil
--> false	nil
--> 3
--> 1	2
--> 1	10
--> 2	30
--> add
--> lt
--> lt
--> next
--> 8	boolean
--> 3	3	3	nil
--> 1	1
--> 2	3
--> 6765
