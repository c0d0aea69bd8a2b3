local function f(a, b, ...)
  return debug.getinfo(1, "nSlutf")
end
local i = f(1)
print(i.name, i.namewhat, i.what, i.currentline, i.linedefined, i.lastlinedefined) --> f	local	Lua	2	1	3
print(i.nups, i.nparams, i.isvararg, i.istailcall, i.func == f) --> 1	2	true	false	true
i = debug.getinfo(print)
print(i.what, i.short_src, i.source, i.currentline, i.linedefined) --> C	[C]	=[C]	-1	-1
print(i.nups, i.nparams, i.isvararg, i.name, i.namewhat == "") --> 0	0	true	nil	true
i = debug.getinfo(1, "S")
print(i.what, i.linedefined, i.currentline, i.func) --> main	0	nil	nil
print(debug.getinfo(100), debug.getinfo(1, "").what) --> nil	nil
print(pcall(debug.getinfo, 1, "X")) --> false	bad argument #2 to 'debug.getinfo' (invalid option)
print(pcall(debug.getinfo, 1, ">S")) --> false	bad argument #2 to 'debug.getinfo' (invalid option '>')
local function tail() return debug.getinfo(1, "nt") end
local function caller() return tail() end
i = caller()
print(i.istailcall, i.name) --> true	nil
