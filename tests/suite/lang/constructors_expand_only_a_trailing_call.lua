local function f() return 1, 2, 3 end
print(#{f()}, #{f(), f()}, #{f(), nil}, #{(f())}, #{x = f(), f()}) --> 3	4	1	1	3
