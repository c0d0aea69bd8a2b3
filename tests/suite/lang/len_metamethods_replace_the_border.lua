local t = setmetatable({1, 2, 3}, {__len = function(t) return "length" end})
print(#t, rawlen(t)) --> length	3
