local x = "outer"
local function f(x) return function() return x end end
local function g(...) local x = ... return function() x = x .. "!" return x end end
print(f("inner")(), g("arg")(), x) --> inner	arg!	outer
