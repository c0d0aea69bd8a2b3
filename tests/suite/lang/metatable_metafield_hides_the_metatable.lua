local t = setmetatable({}, {__metatable = "locked"})
print(getmetatable(t), pcall(setmetatable, t, {})) --> locked	false	cannot change a protected metatable
print(getmetatable("").__name, getmetatable("").__index == string) --> nil	true
