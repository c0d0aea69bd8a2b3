print(("%s|%10s|%-10s|%.2s|%5.1s|"):format("abc", "abc", "abc", "abc", "abc")) --> abc|       abc|abc       |ab|    a|
print(("%s %s %s %s"):format(nil, true, 12, 1.5)) --> nil true 12 1.5
print(("%s"):format(setmetatable({}, {__tostring = function() return "object" end}))) --> object
print(#("%s"):format(("x"):rep(1000)), #("%s"):format("a\0b")) --> 1000	3
print(pcall(string.format, "%10s", "a\0b")) --> false	bad argument #2 to 'string.format' (string contains zeros)
