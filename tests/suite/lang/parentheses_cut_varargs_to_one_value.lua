local function f(...) return (...) end
print(f(1, 2, 3), select("#", f())) --> 1	1
