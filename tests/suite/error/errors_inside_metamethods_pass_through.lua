local t = setmetatable({}, {__index = function(_, k) error("no field " .. k, 2) end})
print(pcall(function()
  return t.missing
end)) --> false	errors_inside_metamethods_pass_through.lua:3: no field missing
