print(("abc"):gsub("%w", function(c) if c == "a" then return 1 elseif c == "b" then return 2.5 end end)) --> 12.5c	3
print(("abc"):gsub("%w", {a = 1, b = 2.5, c = false})) --> 12.5c	3
print(("abc"):gsub("%w", function() return false end)) --> abc	3
print(("abc"):gsub("%w", function() end)) --> abc	3
print(("abc"):gsub("%w", setmetatable({}, {__index = function(_, k) return k .. k end}))) --> aabbcc	3
print(pcall(string.gsub, "abc", "%w", function() return true end)) --> false	invalid replacement value (a boolean)
print(pcall(string.gsub, "abc", "%w", function() return {} end)) --> false	invalid replacement value (a table)
print(pcall(string.gsub, "abc", "%w", {a = print})) --> false	invalid replacement value (a function)
print(pcall(string.gsub, "abc", "%w", {a = true})) --> false	invalid replacement value (a boolean)
print(("hello world"):gsub("o", "0"), ("hello"):gsub("x", "y"), ("hello"):gsub("%d", {})) --> hell0 w0rld	hello	hello	0
print(("a,b,,c"):gsub("[^,]*", "<%0>")) --> <a>,<b>,<>,<c>	4
print(("abc"):gsub("", "-"), ("abc"):gsub(".", "%0%0", 2), (""):gsub(".", "x"), (""):gsub("", "x")) --> -a-b-c-	aabbc		x	1
print(("x1y2"):gsub("%a", string.upper), ("k=v"):gsub("(%w)=(%w)", function(a, b) return b .. a end)) --> X1Y2	vk	1
for _, text in ipairs {"", "aaa", "b", "aab", "baa", ("a"):rep(70), ("a"):rep(70) .. "b"} do
  io.write(select(2, text:gsub("b", "")), " ", tostring(text:find("b")), " ", tostring(text:match("[^a]")), " ", tostring(text:find("b+")), ";")
end
print() --> 0 nil nil nil;0 nil nil nil;1 1 b 1;1 3 b 3;1 1 b 1;0 nil nil nil;1 71 b 71;
