-- Each operator with a register, a small integer and another constant on either side, for numbers and for operands
-- whose metamethods tell what they are given.
local seen = {}
local function event(name)
  return function(a, b)
    local function show(v) return type(v) == "table" and "t" or math.type(v) .. " " .. v end
    return name .. "(" .. show(a) .. ", " .. show(b) .. ")"
  end
end
local meta = {}
for name in ("add sub mul mod pow div idiv band bor bxor shl shr"):gmatch("%a+") do
  meta["__" .. name] = event(name)
end
meta.__unm = function() return "unm" end
meta.__bnot = function() return "bnot" end
meta.__len = function() return "len" end
meta.__concat = function(a, b) return "concat " .. type(a) .. " " .. type(b) end
local t = setmetatable({}, meta)

for _, x in ipairs({7, -3, 2.5, "10", t}) do
  local y = 3
  print(x + y, x - y, x * y, x / y, x % y, x // y, x ^ y)
  print(y + x, y - x, y * x, y / x, y % x, y // x, y ^ x)
  print(x + 1, x - 1, 1 + x, 1 - x, x + -100, x - -100, x + 127, x - 128, x + 128, x - 127)
  print(x + 1000, x - 1000, 1000 + x, 1000 - x, x + 1.5, x - 1.5, 1.5 + x, 1.5 - x)
  print(x * 2, x / 2, x % 2, x // 2, x ^ 2, 2 * x, 2 / x, 2 % x, 2 // x, 2 ^ x)
  print(x * 0.5, x / 0.5, x % 0.5, x // 0.5, x ^ 0.5, 0.5 * x, 0.5 / x, 0.5 // x)
  print(-x)
end
for _, x in ipairs({12, -5, 8.0, t}) do
  local y = 3
  print(x & y, x | y, x ~ y, x << y, x >> y)
  print(y & x, y | x, y ~ x, y << x, y >> x)
  print(x & 6, x | 6, x ~ 6, 6 & x, 6 | x, 6 ~ x, x & 0xfff0, x | 0xfff0, x ~ 0xfff0)
  print(x << 2, x >> 2, 2 << x, 2 >> x, x << -2, x >> -2, -2 << x, x << 1000, x >> 1000, 1000 << x)
  print(x << 127, x << 128, x << -127, x << -128, x >> 127, x >> 128, x >> -127, x >> -128)
  print(~x)
end
print(#t, #"abc", t .. 1, 1 .. t, t .. "a" .. "b", "a" .. 1 .. 2.5 .. "b", not t, not nil)

-- A result in the register of an operand or of a variable that a function sees.
do
  local a = 5
  local function see() return a end
  local spy = setmetatable({}, {__shl = function() return see() end})
  a = 2 << spy
  print(a)
  a = 3
  a = 4 << a
  print(a)
  a = 10 - a
  a = a - 1
  print(a, pcall(function() a = 1 << {} end), a)
end

local function compare(x, y)
  print(x == y, x ~= y, x < y, x <= y, x > y, x >= y)
  print(x == 2, x ~= 2, x < 2, x <= 2, x > 2, x >= 2)
  print(2 == x, 2 ~= x, 2 < x, 2 <= x, 2 > x, 2 >= x)
  print(x == 2.0, x ~= 2.0, x < 2.0, x <= 2.0, x > 2.0, x >= 2.0, 2.0 < x, 2.0 <= x, 2.0 > x)
  print(x < 2.5, x <= 2.5, x > 2.5, x >= 2.5, x < 1000, x > 1000, x < -127, x > 128)
  if x < 2 then print("less") elseif x == 2 then print("two") else print("more") end
  if not (x >= 2.0) then print("not more") end
  while x < 5 do x = x + 2 end
  print(x)
  if x == x then repeat x = x - 1 until x <= 0 end
  print(x)
end
compare(1, 3) compare(2, 2) compare(3, 2.5) compare(2.0, 2) compare(0 / 0, 0 / 0)

local order = setmetatable({}, {
  __lt = function(a, b) seen[#seen + 1] = "lt " .. tostring(type(a)) .. (math.type(a) or "") .. " " .. (math.type(b) or type(b)) end,
  __le = function(a, b) seen[#seen + 1] = "le " .. tostring(type(a)) .. (math.type(a) or "") .. " " .. (math.type(b) or type(b)) return 1 end,
  __eq = function() seen[#seen + 1] = "eq" return true end,
})
local other = setmetatable({}, getmetatable(order))
print(order < 1, order <= 1, order > 1, order >= 1, 1 < order, 1 <= order, 1 > order, 1 >= order)
print(order < 1.0, order <= 1.0, order > 1.0, order >= 1.0, 1.0 < order, 1.0 <= order, 1.0 > order, 1.0 >= order)
print(order < 1.5, 1.5 >= order, order < other, order == other, order ~= other, order == 1, order == "x")
print(table.concat(seen, "; "))
local s = "x"
print(s == "x", s ~= "x", s == nil, s == true, nil == s, s == "y", s < "y", "y" < s)

--> 10	4	21	2.3333333333333	1	2	343.0
--> 10	-4	21	0.42857142857143	3	0	2187.0
--> 8	6	8	-6	-93	107	134	-121	135	-120
--> 1007	-993	1007	993	8.5	5.5	8.5	-5.5
--> 14	3.5	1	3	49.0	14	0.28571428571429	2	0	128.0
--> 3.5	14.0	0.0	14.0	2.6457513110646	3.5	0.071428571428571	0.0
--> -7
--> 0	-6	-9	-1.0	0	-1	-27.0
--> 0	6	-9	-1.0	0	-1	0.037037037037037
--> -2	-4	-2	4	-103	97	124	-131	125	-130
--> 997	-1003	997	1003	-1.5	-4.5	-1.5	4.5
--> -6	-1.5	1	-2	9.0	-6	-0.66666666666667	-1	-1	0.125
--> -1.5	-6.0	-0.0	-6.0	-nan	-1.5	-0.16666666666667	-1.0
--> 3
--> 5.5	-0.5	7.5	0.83333333333333	2.5	0.0	15.625
--> 5.5	0.5	7.5	1.2	0.5	1.0	15.58845726812
--> 3.5	1.5	3.5	-1.5	-97.5	102.5	129.5	-125.5	130.5	-124.5
--> 1002.5	-997.5	1002.5	997.5	4.0	1.0	4.0	-1.0
--> 5.0	1.25	0.5	1.0	6.25	5.0	0.8	2.0	0.0	5.6568542494924
--> 1.25	5.0	0.0	5.0	1.5811388300842	1.25	0.2	0.0
--> -2.5
--> 13	7	30	3.3333333333333	1	3	1000.0
--> 13	-7	30	0.3	3	0	59049.0
--> 11	9	11	-9	-90	110	137	-118	138	-117
--> 1010	-990	1010	990	11.5	8.5	11.5	-8.5
--> 20	5.0	0	5	100.0	20	0.2	2	0	1024.0
--> 5.0	20.0	0.0	20.0	3.1622776601684	5.0	0.05	0.0
--> -10
--> add(t, integer 3)	sub(t, integer 3)	mul(t, integer 3)	div(t, integer 3)	mod(t, integer 3)	idiv(t, integer 3)	pow(t, integer 3)
--> add(integer 3, t)	sub(integer 3, t)	mul(integer 3, t)	div(integer 3, t)	mod(integer 3, t)	idiv(integer 3, t)	pow(integer 3, t)
--> add(t, integer 1)	sub(t, integer 1)	add(integer 1, t)	sub(integer 1, t)	add(t, integer -100)	sub(t, integer -100)	add(t, integer 127)	sub(t, integer 128)	add(t, integer 128)	sub(t, integer 127)
--> add(t, integer 1000)	sub(t, integer 1000)	add(integer 1000, t)	sub(integer 1000, t)	add(t, float 1.5)	sub(t, float 1.5)	add(float 1.5, t)	sub(float 1.5, t)
--> mul(t, integer 2)	div(t, integer 2)	mod(t, integer 2)	idiv(t, integer 2)	pow(t, integer 2)	mul(integer 2, t)	div(integer 2, t)	mod(integer 2, t)	idiv(integer 2, t)	pow(integer 2, t)
--> mul(t, float 0.5)	div(t, float 0.5)	mod(t, float 0.5)	idiv(t, float 0.5)	pow(t, float 0.5)	mul(float 0.5, t)	div(float 0.5, t)	idiv(float 0.5, t)
--> unm
--> 0	15	15	96	1
--> 0	15	15	12288	0
--> 4	14	10	4	14	10	0	65532	65532
--> 48	3	8192	0	3	48	-8192	0	0	4096000
--> 0	0	0	0	0	0	0	0
--> -13
--> 3	-5	-8	-40	2305843009213693951
--> 3	-5	-8	0	96
--> 2	-1	-3	2	-1	-3	65520	-5	-65525
--> -20	4611686018427387902	0	64	4611686018427387902	-20	576460752303423487	0	0	31
--> 0	0	0	0	0	0	0	0
--> 4
--> 0	11	11	64	1
--> 0	11	11	768	0
--> 0	14	14	0	14	14	0	65528	65528
--> 32	2	512	0	2	32	-512	0	0	256000
--> 0	0	0	0	0	0	0	0
--> -9
--> band(t, integer 3)	bor(t, integer 3)	bxor(t, integer 3)	shl(t, integer 3)	shr(t, integer 3)
--> band(integer 3, t)	bor(integer 3, t)	bxor(integer 3, t)	shl(integer 3, t)	shr(integer 3, t)
--> band(t, integer 6)	bor(t, integer 6)	bxor(t, integer 6)	band(integer 6, t)	bor(integer 6, t)	bxor(integer 6, t)	band(t, integer 65520)	bor(t, integer 65520)	bxor(t, integer 65520)
--> shl(t, integer 2)	shr(t, integer 2)	shl(integer 2, t)	shr(integer 2, t)	shl(t, integer -2)	shr(t, integer -2)	shl(integer -2, t)	shl(t, integer 1000)	shr(t, integer 1000)	shl(integer 1000, t)
--> shl(t, integer 127)	shl(t, integer 128)	shl(t, integer -127)	shl(t, integer -128)	shr(t, integer 127)	shr(t, integer 128)	shr(t, integer -127)	shr(t, integer -128)
--> bnot
--> len	3	concat table number	concat number table	concat table string	a12.5b	false	true
--> 5
--> 32
--> -23	false	-23
--> false	true	true	true	false	false
--> false	true	true	true	false	false
--> false	true	false	false	true	true
--> false	true	true	true	false	false	false	false	true
--> true	true	false	false	true	false	false	false
--> less
--> not more
--> 5
--> 0
--> true	false	false	true	false	true
--> true	false	false	true	false	true
--> true	false	false	true	false	true
--> true	false	false	true	false	true	false	true	false
--> true	true	false	false	true	false	false	false
--> two
--> 6
--> 0
--> false	true	false	false	true	true
--> false	true	false	false	true	true
--> false	true	true	true	false	false
--> false	true	false	false	true	true	true	true	false
--> false	false	true	true	true	false	false	false
--> more
--> 5
--> 0
--> true	false	false	true	false	true
--> true	false	false	true	false	true
--> true	false	false	true	false	true
--> true	false	false	true	false	true	false	true	false
--> true	true	false	false	true	false	false	false
--> two
--> 6.0
--> 0.0
--> false	true	false	false	false	false
--> false	true	false	false	false	false
--> false	true	false	false	false	false
--> false	true	false	false	false	false	false	false	false
--> false	false	false	false	false	false	false	false
--> more
--> not more
--> -nan
--> -nan
--> false	true	false	true	false	true	false	true
--> false	true	false	true	false	true	false	true
--> false	true	false	true	false	false	false
--> lt table integer; le table integer; lt numberinteger table; le numberinteger table; lt numberinteger table; le numberinteger table; lt table integer; le table integer; lt table float; le table float; lt numberfloat table; le numberfloat table; lt numberfloat table; le numberfloat table; lt table float; le table float; lt table float; le table float; lt table table; eq; eq
--> true	false	false	false	false	false	true	false
