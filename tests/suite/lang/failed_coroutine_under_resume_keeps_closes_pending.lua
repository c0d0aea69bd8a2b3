local co = coroutine.create(function()
  local x <close> = setmetatable({}, {__close = function(_, e) print("closed", e) end})
  error("failure", 0)
end)
print(coroutine.resume(co)) --> false	failure
print("before close") --> before close
print(coroutine.close(co))
--> closed	failure
--> false	failure
