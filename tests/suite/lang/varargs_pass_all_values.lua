local function f(...) return ... end
print(f(1, nil, 3)) --> 1	nil	3
print(select("#", f(nil, nil))) --> 2
print((f(1, 2, 3))) --> 1
print(f()) -->
