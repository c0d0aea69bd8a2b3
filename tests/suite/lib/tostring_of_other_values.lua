print(tostring(nil), tostring(true), tostring("s")) --> nil	true	s
print(tostring({}):match("^table: %w+$") ~= nil, tostring(print):match("^function: ") ~= nil, tostring(coroutine.create(print)):match("^thread: ") ~= nil) --> true	true	true
local t = {}
print(tostring(t) == tostring(t), tostring(t) ~= tostring({})) --> true	true
