local seen
local function body()
  local x <close> = setmetatable({}, {__close = function()
    seen = coroutine.isyieldable()
    coroutine.yield('from the handler')
  end})
  coroutine.yield(1)
end
local co = coroutine.create(body)
print(coroutine.resume(co)) --> true	1
print(coroutine.close(co)) --> false	attempt to yield across a C-call boundary
print(seen, coroutine.status(co)) --> false	dead
-- Without `coroutine.close` the same handler may yield.
co = coroutine.wrap(body)
print(co()) --> 1
print(co(), seen) --> from the handler	true
