print(pcall(error, "no position")) --> false	no position
local function f() error("here") end
print(pcall(f)) --> false	error_adds_the_position_of_its_caller.lua:2: here
