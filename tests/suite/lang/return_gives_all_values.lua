local function f() return 1, nil, 3, nil end
print(select("#", f()), f()) --> 4	1	nil	3	nil
print((f())) --> 1
