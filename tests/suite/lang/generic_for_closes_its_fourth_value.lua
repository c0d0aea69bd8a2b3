local function closer(name)
  return setmetatable({}, {__close = function(_, e) print("closed " .. name, e) end})
end
for i in function(_, c) if c < 2 then return c + 1 end end, nil, 0, closer("end") do print(i) end
--> 1
--> 2
--> closed end	nil
for i in function(_, c) return c + 1 end, nil, 0, closer("break") do if i == 2 then break end end --> closed break	nil
print(pcall(function()
  for i in function(_, c) return c + 1 end, nil, 0, closer("error") do error("oops", 0) end
end))
--> closed error	oops
--> false	oops
