local function variable(name)
  return setmetatable({}, { __close = function(_, e) print("close", name, e) end })
end
local a <close> = variable "a"
local failing <close> = setmetatable({}, { __close = function() print(pcall(error, "inner", 0)) error("outer", 0) end })
local b <close> = variable "b"
local thread = coroutine.wrap(function()
  local c <close> = variable "not closed: in a coroutine"
  pcall(string.gsub, "x", "x", function() os.exit(0, true) end)
  print("never printed")
end)
print(pcall(thread))
print("never printed")
--> close	b	nil
--> false	inner
--> close	a	outer
