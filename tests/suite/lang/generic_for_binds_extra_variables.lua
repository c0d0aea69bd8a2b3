local done
for a, b, c in function() if not done then done = true return 1, 2 end end do print(a, b, c) end --> 1	2	nil
