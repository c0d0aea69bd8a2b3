local v = setmetatable({}, {
  __unm = function(a, b) return "unm " .. tostring(rawequal(a, b)) end,
  __bnot = function(a, b) return "bnot " .. tostring(rawequal(a, b)) end,
})
print(-v, ~v) --> unm true	bnot true
