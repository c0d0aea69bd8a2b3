local function f(x)
  if x == 1 then return "one"
  elseif x == 2 then return "two"
  elseif x then return "true"
  else return "false" end
end
print(f(1), f(2), f(0), f(false), f(nil)) --> one	two	true	false	false
