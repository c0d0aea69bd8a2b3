local log = {}
local function g() log[#log + 1] = "callee" return "r" end
local function f()
  local x <close> = setmetatable({}, {__close = function() log[#log + 1] = "close" end})
  return g()
end
print(f(), table.concat(log, " ")) --> r	callee close
