local log = {}
local function note(...) local t = {...} for i = 1, #t do t[i] = type(t[i]) == 'table' and 'table' or t[i] end log[#log + 1] = table.concat(t, " ") end
local function flush() print(table.concat(log, "|")) log = {} end
local function kind(v) return math.type(v) or type(v) end
local mt = {}
local function new(name) return setmetatable({name = name}, mt) end
mt.__index = function(t, k, ...) note("index", rawget(t, "name"), kind(k), tostring(k), select("#", ...)) return k, "more" end
mt.__newindex = function(t, k, v, ...) note("newindex", t.name, tostring(k), tostring(v), select("#", ...)) return "ignored" end
local t = new("t")
print(t.field, t[1], t[1.5], t["a b"], t[true], t[2.0]) --> field	1	1.5	a b	true	2.0
flush() --> index t string field 0|index t integer 1 0|index t float 1.5 0|index t string a b 0|index t boolean true 0|index t float 2.0 0
t.field = 1 t.konst = "k" t[1] = 2 t[2] = "c" t[1.5] = 3 t["a b"] = 4 t[true] = 5 t[2.0] = nil
flush() --> newindex t field 1 0|newindex t konst k 0|newindex t 1 2 0|newindex t 2 c 0|newindex t 1.5 3 0|newindex t a b 4 0|newindex t true 5 0|newindex t 2.0 nil 0
local key, object = "dyn", {}
local key, object = "dyn", {}
print(t[key], t[object] == object) --> dyn	true
t[key] = object t[object] = key
log = {}
up = t
local function through_upvalue() t.u = 1 return t.v, t[3] end
print(through_upvalue()) --> v	3
flush() --> newindex t u 1 0|index t string v 0|index t integer 3 0
local G = setmetatable({}, {__index = function(_, k) return "global " .. k end, __newindex = function(_, k, v) note("set", k, v) end})
local chunk = load("x = 1 y = 'k' return z, w", "=chunk", "t", G)
print(chunk()) --> global z	global w
flush() --> set x 1|set y k
rawset(t, "there", 1)
t.there = 2 print(rawget(t, "there"), t.there) --> 2	2
t.there = nil print(rawget(t, "there"), t.there) --> nil	there
t.there = 3 print(rawget(t, "there")) --> nil
log = {}
mt.__index, mt.__newindex = nil, nil
for _, event in ipairs {"add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat"} do
  mt["__" .. event] = function(a, b, ...) return event .. (rawequal(a, t) and "L" or "") .. (rawequal(b, t) and "R" or "") .. select("#", ...), "more" end
end
print(t + 1, 1 + t, t + t, t - 1, 1 - t, t * 2.5, 2.5 * t, t / 2, 2 / t, t % 3, 3 % t) --> addL0	addR0	addLR0	subL0	subR0	mulL0	mulR0	divL0	divR0	modL0	modR0
print(t ^ 2, 2 ^ t, t // 2, 2 // t, t & 1, 1 & t, t | 1, t ~ 1, t << 1, 1 << t, t >> 1, 1 >> t) --> powL0	powR0	idivL0	idivR0	bandL0	bandR0	borL0	bxorL0	shlL0	shlR0	shrL0	shrR0
print(t .. "x", "x" .. t, t .. t, 1 .. t, t .. 1, "a" .. "b" .. t, "a" .. t .. "c") --> concatL0	concatR0	concatLR0	concatR0	concatL0	aconcatR0	aconcatL0
mt.__unm = function(a, b) return "unm", rawequal(a, b) end
mt.__bnot = function(a, b) return "bnot" .. tostring(rawequal(a, b)) end
mt.__len = function(a, b) return "len" .. tostring(rawequal(a, b)), 2 end
print(-t, ~t, #t) --> unm	bnottrue	lentrue
local other = new("other")
mt.__eq = function(a, b) note("eq", a.name, b.name) return 1 end
mt.__lt = function(a, b) note("lt", kind(a), kind(b)) return nil end
mt.__le = function(a, b) note("le", kind(a), kind(b)) return 0 end
print(t == other, t ~= other, t == t, t == 1, t == "t", t == setmetatable({name = "m"}, {})) --> true	false	true	false	false	true
flush() --> eq t other|eq t other|eq t m
print(t < other, t > other, t <= other, t >= other, t < 1, 1 < t, t <= 1.5, 1 >= t, not (t < other)) --> false	false	true	true	false	false	true	true	true
flush() --> lt table table|lt table table|le table table|le table table|lt table integer|lt integer table|le table float|le table integer|lt table table
if t == other then note("yes") else note("no") end
if not (t < other) then note("yes") else note("no") end
while t < other do note("never") break end
flush() --> eq t other|yes|lt table table|yes|lt table table
mt.__call = function(self, ...) note("call", self.name, select("#", ...), ...) return ... end
print(t(), t(1, 2, 3), (t(4, 5))) --> nil	1	4
print(select("#", t(table.unpack({}, 1, 20)))) --> 20
local function tail(...) return t(...) end
print(tail("a", "b")) --> a	b
for a, b in t, "s", nil do note("never") break end
log = {}
local nested = setmetatable({}, {__call = t})
print(rawequal(nested(9), nested), (select(2, nested(9)))) --> true	9
