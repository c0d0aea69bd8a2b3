local function c(n) return setmetatable({}, {__close = function() print(n) end}) end
do
  local a <close> = c("a")
  local b <close> = c("b")
  local d <close> = c("d")
end
--> d
--> b
--> a
