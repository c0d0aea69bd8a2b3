local t = setmetatable({}, {__pairs = function(t)
  return function(_, k) if k < 3 then return k + 1, "v" .. k end end, t, 0
end})
for k, v in pairs(t) do print(k, v) end
--> 1	v0
--> 2	v1
--> 3	v2
