package.searchers = {
  function(name) return "first knows nothing of " .. name end,
  function() end,
  function() return 1 end,
  function() return true end,
}
print(pcall(require, "x"))
package.searchers[5] = function(name) return function(...) return table.concat({ ... }, "+") end, "data" end
print(require "x")
package.searchers[1] = 1
print(pcall(require, "y"))
--> false	module 'x' not found:
--> 	first knows nothing of x
--> 	1
--> x+data	data
--> false	attempt to call a number value
