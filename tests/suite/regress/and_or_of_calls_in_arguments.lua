local function f(x) return x end
print(f(nil) or f(1), f(1) and f(2), not f(nil) and f(3) or f(4), (f(false) or f(nil)) == nil) --> 1	2	3	true
