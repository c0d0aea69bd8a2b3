local co = coroutine.wrap(function()
  do
    local x <close> = setmetatable({}, {__close = function() coroutine.yield("in close") print("resumed") end})
    coroutine.yield("in body")
  end
  return "end"
end)
print(co()) --> in body
print(co()) --> in close
print(co())
--> resumed
--> end
