local ok, e = xpcall(error, function() error("never ends") end, "x")
print(ok, type(e)) --> false	string
