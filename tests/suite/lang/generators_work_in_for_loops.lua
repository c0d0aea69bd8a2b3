local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end) end
for i, sq in range(3) do print(i, sq) end
--> 1	1
--> 2	4
--> 3	9
