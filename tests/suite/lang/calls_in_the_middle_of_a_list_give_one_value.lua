local function f() return 1, 2, 3 end
print(f(), f(), f()) --> 1	1	1	2	3
print(({f(), f()})[4], #{f(), f()}, #{f(), (f())}) --> 3	4	2
