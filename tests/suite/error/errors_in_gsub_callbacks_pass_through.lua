print(pcall(string.gsub, "abc", "b", function() error("callback", 0) end)) --> false	callback
print(pcall(string.gsub, "abc", "b", function() return {} end)) --> false	invalid replacement value (a table)
print(pcall(string.gsub, "abc", "b", {b = true})) --> false	invalid replacement value (a boolean)
