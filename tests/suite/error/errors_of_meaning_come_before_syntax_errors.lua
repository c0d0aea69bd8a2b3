local function message(text) return (select(2, load(text, "=x"))) end
print(message("local x <const> = 1; x = 2; y y")) --> x:1: attempt to assign to const variable 'x'
print(message("goto l; x y")) --> x:1: syntax error near 'y'
print(message("do local function f() goto l end end x y")) --> x:1: no visible label 'l' for <goto> at line 1
print(message("::a:: ::a:: x x")) --> x:1: label 'a' already defined on line 1
print(message("break x x")) --> x:1: syntax error near 'x'
print(message("local x <const> = 1 x = 'aa")) --> x:1: attempt to assign to const variable 'x'
print(message("function f()\nlocal a" .. (", a"):rep(300) .. "\n")) --> x:2: too many local variables (limit is 200) in function at line 1 near ','
