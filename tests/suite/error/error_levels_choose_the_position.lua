local function f(level) error("msg", level) end
local function g(level)
  f(level)
  return 1
end
print(pcall(g, 0)) --> false	msg
print(pcall(g, 1)) --> false	error_levels_choose_the_position.lua:1: msg
print(pcall(g, 2)) --> false	error_levels_choose_the_position.lua:3: msg
