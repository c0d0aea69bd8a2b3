local N = ... or 8000
-- load of generated sources: lexer, parser, code generation; each chunk is run once.
local function source(i)
  return ([[
local function area%d(w, h) return w * h + %d end
local t = {name = "chunk%d", %d, %d, nested = {1, 2, "three"}}
local total = 0
for k = 1, 5 do
  if k %% 2 == 0 then total = total + area%d(k, t[1]) elseif k > 3 then total = total - t[2] else total = total + #t.name end
end
while total > 1000000 do total = total // 2 end
repeat local done = total ~= nil until done
local f = function(a, b, ...) local c <const> = a and b or ... return (c == nil) and 0 or c end
return total + f(nil, nil, %d) + (("x"):rep(3) == "xxx" and 1 or 0)
]]):format(i, i, i, i % 10, i % 7, i, i)
end
local sum = 0
for i = 1, N do
  local f = assert(load(source(i) .. "\n-- " .. i, "=chunk"))
  sum = sum + f()
  local long = "return " .. ("1 + "):rep(100) .. i
  sum = sum + load(long)()
  assert(not load("return return"))
end
if N == 8000 then assert(sum == 129157783) end
return sum
