local v = setmetatable({}, {__concat = function(a, b)
  return (type(a) == "table" and "V" or a) .. "|" .. (type(b) == "table" and "V" or b)
end})
print(v .. "s", "s" .. v, v .. 1, 1 .. v, v .. v) --> V|s	s|V	V|1	1|V	V|V
print("a" .. "b" .. v, v .. "a" .. "b") --> ab|V	V|ab
