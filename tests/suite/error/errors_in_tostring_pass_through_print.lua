print(pcall(print, setmetatable({}, {__tostring = function() error("in tostring", 0) end}))) --> false	in tostring
