local function nest(open, middle, close)
  local ok = load(open:rep(90) .. middle .. close:rep(90))
  local f, e = load(open:rep(1000) .. middle .. close:rep(1000), "=c")
  print(ok ~= nil, f, e:find("overflow", 1, true) ~= nil or e:find("too many", 1, true) ~= nil)
end
nest("do ", "", " end") --> true	nil	true
nest("while a do ", "", " end") --> true	nil	true
nest("if a then ", "", " end") --> true	nil	true
nest("repeat ", "", " until a") --> true	nil	true
nest("local function f() ", "", " end") --> true	nil	true
nest("a = function() ", "", " end") --> true	nil	true
nest("a = {", "1", "}") --> true	nil	true
