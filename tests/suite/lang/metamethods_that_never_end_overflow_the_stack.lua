local function message(f) local ok, e = pcall(f) return ok, (tostring(e):match("stack overflow")) end
local mt = {}
local t, u = setmetatable({}, mt), setmetatable({}, mt)
mt.__index = function(t, k) return t[k] .. "" end
mt.__newindex = function(t, k, v) t[k] = v return 1 end
mt.__add = function(a, b) return (a + b) + 1 end
mt.__eq = function(a, b) return not (a == b) end
mt.__len = function(a) return #a + 1 end
mt.__call = function(self, x) return 1 + self(x) end
mt.__concat = function(a, b) return (a .. b) .. "" end
print(message(function() return t.x end)) --> false	stack overflow
print(message(function() t.x = 1 end)) --> false	stack overflow
print(message(function() return t + 1 end)) --> false	stack overflow
print(message(function() return t == u end)) --> false	stack overflow
print(message(function() return #t end)) --> false	stack overflow
print(message(function() return t(1) end)) --> false	stack overflow
print(message(function() return t .. "x" end)) --> false	stack overflow
local deep = setmetatable({}, {__index = function(_, n) if n == 0 then return 0 end return 1 + debug_table[n - 1] end})
debug_table = deep
print(deep[150]) --> 150
