local function tokens(s)
  local out, pos = {}, 1
  while true do
    pos = s:find("%S", pos)
    if not pos then break end
    local num = s:match("^%d+%.?%d*", pos)
    local tok = num and tonumber(num) or s:match("^%a+", pos) or s:sub(pos, pos)
    out[#out + 1] = tok
    pos = pos + (num and #num or #tok)
  end
  return out
end
local left = {["+"] = 1, ["-"] = 1, ["*"] = 2, ["/"] = 2, ["%"] = 2}
local apply = {
  ["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end,
  ["*"] = function(a, b) return a * b end, ["/"] = function(a, b) return a / b end,
  ["%"] = function(a, b) return a % b end,
}
local function eval(s, env)
  local t, i = tokens(s), 1
  local expr
  local function atom()
    local tok = t[i]
    i = i + 1
    if type(tok) == "number" then return tok end
    if tok == "-" then return -atom() end
    if tok == "(" then
      local v = expr(1)
      if t[i] ~= ")" then error("')' expected", 0) end
      i = i + 1
      return v
    end
    if tok and env[tok] then
      if type(env[tok]) == "number" then return env[tok] end
      return env[tok](atom())
    end
    error("unexpected " .. tostring(tok), 0)
  end
  function expr(min)
    local v = atom()
    while left[t[i]] and left[t[i]] >= min do
      local op = t[i]
      i = i + 1
      v = apply[op](v, expr(left[op] + 1))
    end
    return v
  end
  local v = expr(1)
  if t[i] then error("unexpected " .. tostring(t[i]), 0) end
  return v
end
local env = {pi = 3, sqrt = math.sqrt, x = 7}
for _, s in ipairs{"1 + 2 * 3", "(1 + 2) * 3", "10 - 4 - 3", "2 * -x", "sqrt(16) + pi", "100 / 8 % 5", "1 +", "(1", "2 3", "y"} do
  print(s, pcall(eval, s, env))
end
--> 1 + 2 * 3	true	7
--> (1 + 2) * 3	true	9
--> 10 - 4 - 3	true	3
--> 2 * -x	true	-14
--> sqrt(16) + pi	true	7.0
--> 100 / 8 % 5	true	2.5
--> 1 +	false	unexpected nil
--> (1	false	')' expected
--> 2 3	false	unexpected 3
--> y	false	unexpected y
