io.write("written before\n")
local kept <close> = setmetatable({}, { __close = function() print("not closed") end })
pcall(function() os.exit(true) end)
print("never printed") --> written before
