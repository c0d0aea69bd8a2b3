local function closing(f) return setmetatable({}, {__close = f}) end
local function f()
  local a <close> = closing(function() error("@", 0) end)
  return 1
end
local ok, text = xpcall(f, debug.traceback)
print(ok, text:match("^[^\n]*"), text:find("in metamethod 'close'", 1, true) ~= nil) --> false	@	true
print(text:match(":4: in function <") ~= nil) --> true
