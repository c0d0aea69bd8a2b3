local fs = {}
for i = 1, 3 do
  do
    local j = i * 10
    fs[i] = function() return j end
    if i % 2 == 1 then goto continue end
    j = j + 1
  end
  ::continue::
end
print(fs[1](), fs[2](), fs[3]()) --> 10	21	30
