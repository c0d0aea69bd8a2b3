local f = io.tmpfile()
f:write("9223372036854775807 9223372036854775808 -0 1e2 0x7fffffffffffffff 0x10p1 ", math.mininteger)
f:seek("set")
for i = 1, 7 do
  local n = f:read("n")
  print(n, math.type(n))
end
--> 9223372036854775807	integer
--> 9.2233720368548e+18	float
--> 0	integer
--> 100.0	float
--> 9223372036854775807	integer
--> 32.0	float
--> -9223372036854775808	integer
