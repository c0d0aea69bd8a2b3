-- A first program: cargo xtask run examples/hello.lua [NAME]

local name = arg and arg[1] or "world"
print("Hello, " .. name .. ", from " .. _VERSION .. "!")

-- Closures, coroutines and string methods are all there.
local function primes(limit)
  return coroutine.wrap(function()
    local is_composite = {}
    for n = 2, limit do
      if not is_composite[n] then
        coroutine.yield(n)
        for multiple = n * n, limit, n do
          is_composite[multiple] = true
        end
      end
    end
  end)
end

local found = {}
for prime in primes(50) do
  found[#found + 1] = prime
end
print(("The %d primes up to 50: %s"):format(#found, table.concat(found, " ")))
