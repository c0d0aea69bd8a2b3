local co = coroutine.create(function(a, b)
  print("start", a, b)
  local c = coroutine.yield(a + b)
  print("got", c)
  local d, e = coroutine.yield(c * 2)
  print("got", d, e)
  return "end", "values"
end)
print(coroutine.resume(co, 1, 2))
--> start	1	2
--> true	3
print(coroutine.resume(co, 10))
--> got	10
--> true	20
print(coroutine.resume(co, "x", "y"))
--> got	x	y
--> true	end	values
print(coroutine.resume(co)) --> false	cannot resume dead coroutine
