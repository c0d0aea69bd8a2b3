local name = os.tmpname()
io.open(name, "w"):write("print(select('#', ...), (...) == select(2, ...)) return { 1, 2, 3 }"):close()
package.path = "?"
local module, where = require(name)
print(#module, where == name, package.loaded[name] == module)
os.remove(name)
--> 2	true
--> 3	true	true
