for _, v in ipairs{1, -1, 1.5, 1e15, 1e100, -0.0, 2^53, math.maxinteger} do
  local s = tostring(v)
  print(s, tonumber(s) == v, math.type(tonumber(s)) == math.type(v))
end
--> 1	true	true
--> -1	true	true
--> 1.5	true	true
--> 1e+15	true	true
--> 1e+100	true	true
--> -0.0	true	true
--> 9.007199254741e+15	false	true
--> 9223372036854775807	true	true
