local function order(a, b) return a < b, a <= b, a == b end
print(order(1, 1.5)) --> true	true	false
print(order(1.5, 1)) --> false	false	false
print(order(2, 2.0)) --> false	true	true
print(order(2^53, 2^53 | 0)) --> false	true	true
print(order((1 << 53) + 1, 2.0^53)) --> false	false	false
print(order(2.0^53, (1 << 53) + 1)) --> true	true	false
print(order(math.maxinteger, 2.0^63)) --> true	true	false
print(order(math.mininteger, -2.0^63)) --> false	true	true
print(order(1, 0/0)) --> false	false	false
print(order(1, math.huge), order(1, -math.huge)) --> true	false	false	false
print(print == print, print == type, nil == false, 0 == -0.0) --> true	false	false	true
