local log = {}
print(xpcall(function()
  local x <close> = setmetatable({}, {__close = function() log[#log + 1] = "close" end})
  error("e")
end, function(m) log[#log + 1] = "handler" return "result" end)) --> false	result
print(table.concat(log, " ")) --> handler close
