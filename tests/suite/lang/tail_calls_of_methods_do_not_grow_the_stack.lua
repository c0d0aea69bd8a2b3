local o = {}
function o:step(n) if n == 0 then return self end return self:step(n - 1) end
print(o:step(500000) == o) --> true
