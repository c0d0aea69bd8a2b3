local s = "hello"
print(s:sub(2, 4), s:sub(-3), s:sub(2), s:sub(-3, -2), s:sub(1, 1)) --> ell	llo	ello	ll	h
print("[" .. s:sub(4, 2) .. "]", "[" .. s:sub(10) .. "]", "[" .. s:sub(0) .. "]", "[" .. s:sub(-100, 100) .. "]") --> []	[]	[hello]	[hello]
print(s:sub(math.mininteger, math.maxinteger), s:sub(2.0, "3"), "[" .. s:sub(0, 0) .. "]") --> hello	el	[]
