local s = [[
text]]
local empty, one = [[
]], [[

]]
print(s, #empty, #one) --> text	0	1
