local function iter(n, i) coroutine.yield("step " .. i) if i < n then return i + 1 end end
local co = coroutine.wrap(function()
  local sum = 0
  for i in iter, 2, 0 do sum = sum + i end
  return sum
end)
for _ = 1, 4 do print(co()) end
--> step 0
--> step 1
--> step 2
--> 3
