local co = coroutine.wrap(function(...)
  local r = table.pack(pcall(function(...) return coroutine.yield(...) end, ...))
  return r.n, table.unpack(r, 1, r.n)
end)
print(co(1, nil, 3)) --> 1	nil	3
print(co(nil, nil)) --> 3	true	nil	nil
