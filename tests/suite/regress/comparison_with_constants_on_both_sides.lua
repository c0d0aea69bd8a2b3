local a, b = 5, 5.5
print(a < 5, a <= 5, a > 5, a >= 5, a == 5, a ~= 5, 5 < a, 5 <= a) --> false	true	false	true	true	false	false	true
print(b < 5, b <= 6, b > 5, b >= 6, b == 5.5, 6 > b, 5 > b, a == 5.0) --> false	true	true	false	true	true	false	true
print(a < 1000000, a > -1000000, b < 1e10, a == "5", nil == false) --> true	true	true	false	false
