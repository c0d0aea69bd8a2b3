local co = coroutine.wrap(function()
  for i = 1, 3 do
    local ok, e = pcall(function() coroutine.yield(i) error("e" .. i, 0) end)
    print(ok, e)
  end
end)
co() co() co() co()
--> false	e1
--> false	e2
--> false	e3
