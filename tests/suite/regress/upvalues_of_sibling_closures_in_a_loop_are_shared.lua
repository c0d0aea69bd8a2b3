local gets, sets = {}, {}
for i = 1, 3 do
  local v = i
  gets[i] = function() return v end
  sets[i] = function(x) v = x end
end
sets[2](20)
print(gets[1](), gets[2](), gets[3]()) --> 1	20	3
