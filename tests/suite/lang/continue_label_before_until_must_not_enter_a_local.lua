print(load([[repeat
  if x then goto continue end
  local done = true
  ::continue::
until done]], "=c")) --> nil	c:5: <goto continue> at line 2 jumps into the scope of local 'done'
