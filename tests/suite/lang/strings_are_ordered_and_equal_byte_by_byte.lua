local function order(a, b) return a < b, a <= b, a > b, a == b end
print(order("", "a")) --> true	true	false	false
print(order("abcdefg", "abcdefgh")) --> true	true	false	false
print(order("abcdefgh", "abcdefgi")) --> true	true	false	false
print(order("abcdefgz", "bbcdefga")) --> true	true	false	false
print(order("abcdefgh1", "abcdefgh2")) --> true	true	false	false
print(order("\xff2345678", "\x7f2345678")) --> false	false	true	false
print(order("12345678\0a", "12345678\0b")) --> true	true	false	false
print(order("12345678", "12345678\0")) --> true	true	false	false
local long = ("x"):rep(100)
print(order(long .. "a", long .. "b")) --> true	true	false	false
print(order(long .. "a", ("x"):rep(100) .. "a")) --> false	true	false	true
print(order(long .. "12345678", long .. "12345679")) --> true	true	false	false
print(order(long, long .. "a")) --> true	true	false	false
print(pcall(order, "a", 1)) --> false	strings_are_ordered_and_equal_byte_by_byte.lua:1: attempt to compare string with number
