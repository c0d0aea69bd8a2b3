local v = setmetatable({}, {__concat = function(a, b)
  if type(a) == "table" then return "V" .. b end
  return a .. "V"
end})
print(1 .. "a" .. v .. 2 .. "b" .. 3) --> 1aV2b3
