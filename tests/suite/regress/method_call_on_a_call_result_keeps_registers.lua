local o = {n = 1}
function o:add(k) self.n = self.n + k return self end
print(o:add(1):add(2):add(o.n).n) --> 8
