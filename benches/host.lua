-- Times one program in a native Lua:  lua5.4 host.lua PROGRAM [N] [--warm|--cold]
-- Prints {"secs", "result"}; secs is processor time and includes compiling the chunk, as in the Node runners.
local WARM_ROUNDS = 3

local plain, warm = {}, false
for _, a in ipairs(arg) do
  if a == "--warm" then warm = true elseif a ~= "--cold" then plain[#plain + 1] = a end
end
local path = assert(plain[1], "usage: lua host.lua PROGRAM [N] [--warm|--cold]")
local file = assert(io.open(path, "rb"))
local source = file:read("a")
file:close()
local n = tonumber(plain[2] or source:match("^local N = %.%.%. or (%d+)"))

local function run(size) return assert(load(source, "@" .. path))(size) end
if warm then
  -- Small sizes are exponents or sides, large ones counts.
  local smaller = n <= 100 and math.max(1, n - 3) or math.floor(n / 10)
  for _ = 1, WARM_ROUNDS do run(smaller) end
end
collectgarbage()
local started = os.clock()
local result = run(n)
local secs = os.clock() - started
print(('{"secs":%.6f,"result":"%s"}'):format(secs, tostring(result)))
