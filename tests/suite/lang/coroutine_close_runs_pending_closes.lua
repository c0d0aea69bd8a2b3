local co = coroutine.create(function()
  local a <close> = setmetatable({}, {__close = function(_, e) print("close a", e) end})
  local b <close> = setmetatable({}, {__close = function(_, e) print("close b", e) end})
  coroutine.yield("suspended")
end)
print(coroutine.resume(co)) --> true	suspended
print(coroutine.close(co))
--> close b	nil
--> close a	nil
--> true
print(coroutine.status(co)) --> dead
print(coroutine.close(co)) --> true
