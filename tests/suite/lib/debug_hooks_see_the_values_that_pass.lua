local passed = {}
local function hook(event)
  local info = debug.getinfo(2, "nr")
  for i = info.ftransfer, info.ftransfer + info.ntransfer - 1 do
    local name, value = debug.getlocal(2, i)
    passed[#passed + 1] = event .. " " .. name .. "=" .. tostring(value)
  end
end
local function f(a, b, ...) return b, a end
debug.sethook(hook, "cr")
f(1, 2, 3)
debug.sethook()
print(table.concat(passed, "; ")) --> call a=1; call b=2; return (temporary)=2; return (temporary)=1
print(debug.getinfo(1, "r").ftransfer, debug.getinfo(1, "r").ntransfer) --> 0	0
