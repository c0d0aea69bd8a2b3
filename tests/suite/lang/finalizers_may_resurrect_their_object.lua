local kept
setmetatable({v = 42}, {__gc = function(o) kept = o end})
collectgarbage() collectgarbage()
print(kept.v) --> 42
kept = nil
collectgarbage() collectgarbage()
print(kept) --> nil
