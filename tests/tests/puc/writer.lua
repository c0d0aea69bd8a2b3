-- Reads lines `strip name source`, all but the first in hexadecimal, and answers each with a chunk, or `-` where the
-- source does not compile.
local function text(hex) return (hex:gsub("..", function(digits) return string.char(tonumber(digits, 16)) end)) end
local function hex(text) return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
for line in io.lines() do
  local strip, name, source = line:match("^(%d) (%x*) (%x*)$")
  local f = load(text(source), "@" .. text(name))
  print(f and hex(string.dump(f, strip == "1")) or "-")
end
