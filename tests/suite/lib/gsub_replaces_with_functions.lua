print(("1 2 3"):gsub("%d", function(d) return d * 2 end)) --> 2 4 6	3
print(("a b"):gsub("(%w) (%w)", function(a, b) return b .. a end)) --> ba	1
print(("abc"):gsub("%w", function(c) if c == "b" then return false end return nil end)) --> abc	3
print(("abc"):gsub("()", function(p) return p end)) --> 1a2b3c4	4
