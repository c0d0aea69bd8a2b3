local t = setmetatable({name = "t"}, {__call = function(self, ...) return self.name, select("#", ...), ... end})
print(t()) --> t	0
print(t(1, nil)) --> t	2	1	nil
print(pcall(t, "x")) --> true	t	1	x
