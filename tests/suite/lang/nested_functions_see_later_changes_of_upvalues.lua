local x = 1
local function f() return x end
x = 2
print(f()) --> 2
do local x = 3 print(f(), x) end --> 2	3
