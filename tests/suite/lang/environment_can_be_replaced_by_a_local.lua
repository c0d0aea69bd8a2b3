local print = print
do
  local _ENV = {x = 5}
  y = x + 1
  print(x, y, _ENV.y)
end --> 5	6	6
print(x, y) --> nil	nil
