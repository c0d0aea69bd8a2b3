print(xpcall(function() error("e", 0) end, function(m) return m .. " handled", "second" end)) --> false	e handled
print(xpcall(function(...) return select("#", ...), ... end, print, 1, 2)) --> true	2	1	2
print(xpcall(error, function(e) return type(e) end, nil)) --> false	nil
