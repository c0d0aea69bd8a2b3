local name = os.tmpname()
local function put(text) io.open(name, "wb"):write(text):close() end
put("local a, b = ... return 1, 2, a")
print(dofile(name)) --> 1	2	nil
print(loadfile(name)("x")) --> 1	2	x
put("# first line\nreturn 'second'")
print(dofile(name)) --> second
put("\xEF\xBB\xBF# mark and comment\nreturn 'marked'")
print(dofile(name)) --> marked
put("x = 1 return y")
local env = { y = "from env" }
print(loadfile(name, "t", env)(), env.x, x) --> from env	1	nil
print((select(2, loadfile(name, "b")):gsub("/tmp/[%w_]+", "FILE"))) --> attempt to load a text chunk (mode is 'b')
put("x =\n= 1")
print((select(2, loadfile(name)):gsub("/tmp/[%w_]+", "FILE"))) --> FILE:2: unexpected symbol near '='
os.remove(name)
