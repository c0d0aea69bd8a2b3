local x = {}
local ok, message = pcall(function()
  if x.y.z
  then
    return 1
  end
end)
print(message:match(":(%d+):")) --> 4
