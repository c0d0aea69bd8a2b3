local v = setmetatable({}, {
  __concat = function(a, b) return coroutine.yield("concat") end,
  __len = function() return coroutine.yield("len") end,
  __call = function(_, x) return coroutine.yield("call " .. x) end,
})
local co = coroutine.wrap(function()
  local s = "a" .. "b" .. v .. "c"
  return s, #v, v(5)
end)
print(co()) --> concat
print(co("C")) --> len
print(co(3)) --> call 5
print(co("result")) --> abC	3	result
