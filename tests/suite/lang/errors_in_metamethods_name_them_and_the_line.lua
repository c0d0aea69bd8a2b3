local mt = {}
local t = setmetatable({}, mt)
mt.__index = function() error("index") end
mt.__newindex = function(_, k)
  local x = k + {}
end
mt.__add = function(a, b) return a.b.c end
mt.__eq = function() local nothing return nothing() end
mt.__lt = function() error({}) end
mt.__call = function(self, x) return x.y.z end
print(pcall(function() return t.x end)) --> false	errors_in_metamethods_name_them_and_the_line.lua:3: index
print(pcall(function() return t:x() end)) --> false	errors_in_metamethods_name_them_and_the_line.lua:3: index
print(pcall(function() t.x = 1 end)) --> false	errors_in_metamethods_name_them_and_the_line.lua:5: attempt to add a 'string' with a 'table'
print(pcall(function() t[1] = 1 end)) --> false	errors_in_metamethods_name_them_and_the_line.lua:5: attempt to perform arithmetic on a table value
mt.__index = nil
print(pcall(function() return t + 1 end)) --> false	errors_in_metamethods_name_them_and_the_line.lua:7: attempt to index a nil value (field 'b')
print(pcall(function() return t == setmetatable({}, mt) end)) --> false	errors_in_metamethods_name_them_and_the_line.lua:8: attempt to call a nil value (local 'nothing')
print(select("#", pcall(function() return t < t end))) --> 2
print(pcall(function() return t({}) end)) --> false	errors_in_metamethods_name_them_and_the_line.lua:10: attempt to index a nil value (field 'y')
local function where(event)
  local lines = {}
  for line in debug.traceback("", 2):gmatch("in ([^\n]*)") do lines[#lines + 1] = line end
  return lines[1]
end
for _, event in ipairs {"index", "newindex", "add", "sub", "concat", "len", "unm", "eq", "lt", "le", "close", "bnot", "shr"} do
  mt["__" .. event] = function() print(event, where(event)) return 0 end
end
local other = setmetatable({}, mt)
local _ = t.x --> index	metamethod 'index'
_ = t[1] --> index	metamethod 'index'
t.x = 1 --> newindex	metamethod 'newindex'
t[1] = 1 --> newindex	metamethod 'newindex'
t[_] = 1 --> newindex	metamethod 'newindex'
_ = t + 1 --> add	metamethod 'add'
_ = 1 - t --> sub	metamethod 'sub'
_ = t .. "" --> concat	metamethod 'concat'
_ = #t --> len	metamethod 'len'
_ = -t --> unm	metamethod 'unm'
_ = t == other --> eq	metamethod 'eq'
_ = t < other --> lt	metamethod 'lt'
_ = t <= other --> le	metamethod 'le'
_ = t > 1 --> lt	metamethod 'lt'
_ = ~t --> bnot	metamethod 'bnot'
_ = t >> 1 --> shr	metamethod 'shr'
do local c <close> = t end --> close	metamethod 'close'
