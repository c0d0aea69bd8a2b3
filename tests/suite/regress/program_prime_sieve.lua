local function sieve(n)
  local composite, primes = {}, {}
  for i = 2, n do
    if not composite[i] then
      primes[#primes + 1] = i
      for j = i * i, n, i do composite[j] = true end
    end
  end
  return primes
end
local function factors(n, primes)
  local out = {}
  for _, p in ipairs(primes) do
    if p * p > n then break end
    while n % p == 0 do out[#out + 1] = p n = n // p end
  end
  if n > 1 then out[#out + 1] = n end
  return out
end
local primes = sieve(10000)
print(#primes, primes[1], primes[100], primes[#primes]) --> 1229	2	541	9973
print(table.concat(factors(9699690, primes), " "), table.concat(factors(97, primes), " "), table.concat(factors(1024, primes), " ")) --> 2 3 5 7 11 13 17 19	97	2 2 2 2 2 2 2 2 2 2
local twins = 0
for i = 2, #primes do if primes[i] - primes[i - 1] == 2 then twins = twins + 1 end end
print(twins) --> 205
