print(("$name is $age"):gsub("%$(%w+)", {name = "Bob", age = 42})) --> Bob is 42	2
print(("a b c"):gsub("%w", {a = "1", b = false})) --> 1 b c	3
print(("x y"):gsub("%w", setmetatable({}, {__index = function(_, k) return k .. k end}))) --> xx yy	2
