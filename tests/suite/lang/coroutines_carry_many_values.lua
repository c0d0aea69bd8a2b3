local co = coroutine.wrap(function(...)
  local n = select("#", ...)
  while true do n = select("#", coroutine.yield(n)) end
end)
print(co(table.unpack({}, 1, 100))) --> 100
print(co(), co(nil), co(nil, nil), co(table.unpack({}, 1, 200))) --> 0	1	2	200
