local fs = {}
for i = 1, 2 do
  fs[#fs + 1] = function() return i end
  i = i + 100
end
print(fs[1](), fs[2]()) --> 101	102
