local fs, i = {}, 0
while i < 3 do
  i = i + 1
  local j = i
  fs[i] = function() j = j + 1 return j end
end
print(fs[1](), fs[1](), fs[2](), fs[3]()) --> 2	3	3	4
