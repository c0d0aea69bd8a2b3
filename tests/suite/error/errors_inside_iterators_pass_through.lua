print(pcall(function()
  for x in function() error("iter", 0) end do end
end)) --> false	iter
