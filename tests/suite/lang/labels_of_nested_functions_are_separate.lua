do
  goto a
  local function f() goto a; do return 1 end ::a:: return 2 end
  ::a::
end
local function g() goto x; do return 1 end ::x:: return "inner" end
goto x
print("skipped")
::x:: print(g()) --> inner
