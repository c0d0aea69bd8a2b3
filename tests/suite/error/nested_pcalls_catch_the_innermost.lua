print(pcall(function()
  local ok, e = pcall(error, "inner", 0)
  error("outer after " .. e, 0)
end)) --> false	outer after inner
