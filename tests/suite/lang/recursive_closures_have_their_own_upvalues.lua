local function make(n)
  if n == 0 then return {} end
  local t = make(n - 1)
  t[n] = function() return n end
  return t
end
local t = make(4)
print(t[1](), t[2](), t[3](), t[4]()) --> 1	2	3	4
