local o = {n = 5}
function o:get(k) return self.n + k end
function o.static(k) return k end
print(o:get(1), o.get({n = 100}, 1), o.static(7)) --> 6	101	7
