local function f() local x = f() return x end
for i = 1, 5 do
  local ok, e = pcall(f)
  print(ok, e:find("stack overflow", 1, true) ~= nil)
end
--> false	true
--> false	true
--> false	true
--> false	true
--> false	true
