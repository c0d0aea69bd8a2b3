local n = 0
for i = math.mininteger, math.maxinteger do
  n = n + 1
  if n == 1000 then break end
end
print(n) --> 1000
