local x <close> = setmetatable({}, {__close = function(_, e) print("closing", type(e)) end})
error("end", 0)
--> closing	string
--!> end
