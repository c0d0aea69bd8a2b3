local x = "outer"
do
  local x = "inner"
  do local x = "innermost" print(x) end
  print(x)
end
--> innermost
--> inner
print(x) --> outer
for x = 1, 1 do print(x) end --> 1
print(x) --> outer
