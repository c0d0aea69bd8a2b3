package.path = "?.lua;?/x.lua"
package.cpath = "?.so;lib?"
print(pcall(require, "no.module"))
print(pcall(require, "none"))
package.path, package.cpath = "", ""
print(pcall(require, "a.b"))
require("none")
--> false	module 'no.module' not found:
--> 	no field package.preload['no.module']
--> 	no file 'no/module.lua'
--> 	no file 'no/module/x.lua'
--> 	no file 'no/module.so'
--> 	no file 'libno/module'
--> 	no file 'no.so'
--> 	no file 'libno'
--> false	module 'none' not found:
--> 	no field package.preload['none']
--> 	no file 'none.lua'
--> 	no file 'none/x.lua'
--> 	no file 'none.so'
--> 	no file 'libnone'
--> false	module 'a.b' not found:
--> 	no field package.preload['a.b']
--> 	no file ''
--> 	no file ''
--> 	no file ''
--!> require_names_every_place_it_looked_at.lua:7: module 'none' not found:
