local obj
obj = setmetatable({}, {__call = function(self, n)
  if n == 0 then return "done" end
  return obj(n - 1)
end})
print(obj(2000000)) --> done
