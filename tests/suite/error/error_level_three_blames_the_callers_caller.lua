local function f() error("msg", 3) end
local function g()
  f()
  return 1
end
local function h()
  g()
  return 1
end
print(pcall(h)) --> false	error_level_three_blames_the_callers_caller.lua:7: msg
