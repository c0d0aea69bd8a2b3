local i = 0
repeat
  i = i + 1
  if i < 3 then goto continue end
  print("turn", i)
  ::continue::
until i >= 4
--> turn	3
--> turn	4
