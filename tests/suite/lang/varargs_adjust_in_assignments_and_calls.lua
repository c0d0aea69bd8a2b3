local function f(...)
  local a, b, c = ...
  local t = {..., "last"}
  local u = {"first", ...}
  print(a, b, c, #t, #u, (...))
end
f(1, 2) --> 1	2	nil	2	3	1
f() --> nil	nil	nil	2	1	nil
f(1, 2, 3, 4) --> 1	2	3	2	5	1
