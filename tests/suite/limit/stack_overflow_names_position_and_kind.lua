local function f()
  return (f())
end
local ok, e = pcall(f)
print((e:match("^[^\n]-:%d+: stack overflow"))) --> stack_overflow_names_position_and_kind.lua:2: stack overflow
