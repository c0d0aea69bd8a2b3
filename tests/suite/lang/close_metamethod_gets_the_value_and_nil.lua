do
  local v = setmetatable({name = "v"}, {__close = function(...) print(select("#", ...), (...).name, select(2, ...)) end})
  local x <close> = v
end --> 2	v	nil
