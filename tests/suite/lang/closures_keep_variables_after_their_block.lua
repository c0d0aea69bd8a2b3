local get, set
do
  local v = 1
  get = function() return v end
  set = function(x) v = x end
end
set(42)
print(get()) --> 42
