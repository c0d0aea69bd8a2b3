local function message(f) return (select(2, pcall(f, nil)):gsub('^.-:%d+: ', '')) end
local t = {}
print(message(function(...) return (...) % g end)) --> attempt to perform arithmetic on a nil value
print(message(function(...) return g % (...) end)) --> attempt to perform arithmetic on a nil value (global 'g')
print(message(function(...) return (...) - t[t] end)) --> attempt to perform arithmetic on a nil value
print(message(function(...) return t.x + t.y end)) --> attempt to perform arithmetic on a nil value (field 'x')
local b = math.huge
print(message(function() return (b or t) & b end)) --> number has no integer representation
print(message(function() return b & (b or t) end)) --> number (upvalue 'b') has no integer representation
