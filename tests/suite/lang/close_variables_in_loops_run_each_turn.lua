local log = {}
for i = 1, 3 do
  local x <close> = setmetatable({}, {__close = function() log[#log + 1] = "close" .. i end})
  log[#log + 1] = "body" .. i
end
print(table.concat(log, " ")) --> body1 close1 body2 close2 body3 close3
