local function c(n, fail)
  return setmetatable({}, {__close = function(_, e) print(n, e) if fail then error("from " .. n, 0) end end})
end
print(pcall(function()
  local a <close> = c("a")
  local b <close> = c("b", true)
  local d <close> = c("d")
  return 1
end))
--> d	nil
--> b	nil
--> a	from b
--> false	from b
