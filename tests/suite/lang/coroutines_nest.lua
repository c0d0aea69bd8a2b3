local function gen(n)
  return coroutine.wrap(function()
    if n > 0 then
      for v in gen(n - 1) do coroutine.yield(v) end
      coroutine.yield(n)
    end
  end)
end
local t = {}
for v in gen(50) do t[#t + 1] = v end
print(#t, t[1], t[50]) --> 50	1	50
