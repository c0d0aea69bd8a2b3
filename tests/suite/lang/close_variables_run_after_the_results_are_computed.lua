local n = 1
local function f()
  local x <close> = setmetatable({}, {__close = function() n = 100 end})
  return n
end
print(f(), n) --> 1	100
