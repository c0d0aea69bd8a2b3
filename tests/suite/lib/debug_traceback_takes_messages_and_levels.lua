local function first(text) return (text:match("^[^\n]*\n[^\n]*\n%s*([^\n]*)"):gsub("^.*: in ", "in ")) end
local function f(...) local text = debug.traceback(...) return text end
print(f("message"):match("^[^\n]*\n[^\n]*")) --> message
--> stack traceback:
print(first(f("m")), first(f("m", 2))) --> in local 'f'	in main chunk
print(f("m", 0):match("%[C%]: in function 'debug.traceback'") ~= nil) --> true
print(f(12):match("^12\n") ~= nil, f(nil):match("^stack traceback:") ~= nil) --> true	true
print(f(true), f(print) == print) --> true	true
local co = coroutine.create(function() local x = 1; coroutine.yield() end)
coroutine.resume(co)
print(first("\n" .. debug.traceback(co))) --> in function 'coroutine.yield'
print(debug.traceback(co, "hi", 5)) --> hi
--> stack traceback:
local function deep(n) if n == 0 then local t = debug.traceback() return t end local t = deep(n - 1) return t end
local text = deep(50)
print(text:match("%.%.%.\t%(skipping (%d+) levels%)") ~= nil, select(2, text:gsub("\n", "\n"))) --> true	22
