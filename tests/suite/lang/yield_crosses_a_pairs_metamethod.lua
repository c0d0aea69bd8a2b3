local t = setmetatable({}, {__pairs = function(t) coroutine.yield("pairs") return next, {x = 1}, nil end})
local co = coroutine.wrap(function() for k, v in pairs(t) do coroutine.yield(k .. v) end return "end" end)
print(co(), co(), co()) --> pairs	x1	end
