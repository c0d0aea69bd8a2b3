local co = coroutine.wrap(function()
  return xpcall(function(a)
    local x = coroutine.yield(a)
    error(x, 0)
  end, function(e) return "handled " .. e end, "arg")
end)
print(co()) --> arg
print(co("oops")) --> false	handled oops
