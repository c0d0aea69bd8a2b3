local a, b = {}, {}
print(a == b, a == a, {} == {}, a ~= b) --> false	true	false	true
