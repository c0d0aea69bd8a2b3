for _, v in ipairs{"a\0b\"\\\n\r\200", 1, -5, 0.1, 1e100, math.mininteger, math.pi, 1/0} do
  local back = load("return " .. ("%q"):format(v))()
  print(back == v, math.type(back))
end
--> true	nil
--> true	integer
--> true	integer
--> true	float
--> true	float
--> true	integer
--> true	float
--> true	float
