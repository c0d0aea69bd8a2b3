local head
for i = 1, 100000 do head = {next = head} end
collectgarbage()
local n = 0
while head do head, n = head.next, n + 1 end
print(n) --> 100000
