local t = setmetatable({}, {
  __index = function(_, k) return coroutine.yield("get " .. k) end,
  __newindex = function(t, k, v) coroutine.yield("set " .. k) rawset(t, k, v) end,
})
local co = coroutine.wrap(function()
  t.a = t.b
  t[1] = t[2]
  return rawget(t, "a"), rawget(t, 1)
end)
print(co()) --> get b
print(co("vb")) --> set a
print(co()) --> get 2
print(co("v2")) --> set 1
print(co()) --> vb	v2
