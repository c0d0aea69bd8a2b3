print(pcall(function()
  local x <close> = setmetatable({}, {__close = function(_, e) print("closing with", e) end})
  error("boom", 0)
end))
--> closing with	boom
--> false	boom
