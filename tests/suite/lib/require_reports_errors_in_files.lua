local name = os.tmpname()
package.path = "?"
io.open(name, "w"):write("x ="):close()
local ok, message = pcall(require, name)
print(ok, (message:gsub("/tmp/[%w_]+", "FILE")))
io.open(name, "w"):write("error('at run time', 0)"):close()
print(pcall(require, name))
print(package.loaded[name])
os.remove(name)
--> false	error loading module 'FILE' from file 'FILE':
--> 	FILE:1: unexpected symbol near <eof>
--> false	at run time
--> nil
