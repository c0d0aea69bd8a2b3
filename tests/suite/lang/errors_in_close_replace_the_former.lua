local function c(n) return setmetatable({}, {__close = function(_, e) print(n, e) error(n, 0) end}) end
print(pcall(function()
  local a <close> = c("first")
  local b <close> = c("second")
  error("body", 0)
end))
--> second	body
--> first	second
--> false	first
