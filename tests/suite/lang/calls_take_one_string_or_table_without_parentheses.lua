local function id(x) return type(x), x end
print(id"str") --> string	str
print(id[[long]]) --> string	long
print((id{1})) --> table
print(("x"):rep(3), #("%d"):format(7)) --> xxx	1
local t = {id = id}
print(t.id"a", (t:id{})) --> string	table
