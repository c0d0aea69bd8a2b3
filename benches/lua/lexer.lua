local N = ... or 900
-- A tokenizer for a small language, byte by byte and with patterns.
local keywords = {["if"] = true, ["then"] = true, ["end"] = true, ["while"] = true, ["do"] = true, ["return"] = true}
local piece = [[
while count < 100 do -- a loop
  if name == "value" then count = count + 3.14 * (x - y) / 2 end
  list[count] = {key = "text with \"quotes\"", other = 0x1F}
end
return list
]]
local source = piece:rep(20)
local function tokens(s, emit)
  local pos, n = 1, #s
  while pos <= n do
    local c = s:byte(pos)
    if c == 32 or c == 10 then pos = pos + 1
    elseif c >= 97 and c <= 122 or c == 95 then
      local word = s:match("^[%w_]+", pos)
      emit(keywords[word] and "keyword" or "name", word)
      pos = pos + #word
    elseif c >= 48 and c <= 57 then
      local num = s:match("^0x%x+", pos) or s:match("^%d+%.?%d*", pos)
      emit("number", num)
      pos = pos + #num
    elseif c == 34 then
      local stop = pos + 1
      while s:byte(stop) ~= 34 do
        if s:byte(stop) == 92 then stop = stop + 1 end
        stop = stop + 1
      end
      emit("string", s:sub(pos, stop))
      pos = stop + 1
    elseif c == 45 and s:byte(pos + 1) == 45 then
      pos = s:find("\n", pos, true) or n + 1
    else
      local two = s:sub(pos, pos + 1)
      local op = (two == "==" or two == "<=") and two or s:sub(pos, pos)
      emit("operator", op)
      pos = pos + #op
    end
  end
end
local counts, hash = {}, 0
local function emit(kind, text)
  counts[kind] = (counts[kind] or 0) + 1
  hash = (hash * 31 + #text) % 1000003
end
for _ = 1, N do tokens(source, emit) end
assert(counts.keyword == N * 20 * 7 and counts.string == N * 20 * 2 and counts.number == N * 20 * 4)
return counts.name * 10 + counts.operator + hash
