-- What goes wrong in running programs and the core libraries, with the text of each message.
local function try(program)
  local chunk, message = load(program, "=x")
  if chunk then
    local ok
    ok, message = pcall(chunk)
    assert(not ok, program)
  end
  -- Addresses differ.
  message = tostring(message):gsub("0x%x+", "0x...")
  print(program .. " : " .. message)
end
try("return 1//0") --> return 1//0 : x:1: attempt to divide by zero
try("return 1%0") --> return 1%0 : x:1: attempt to perform 'n%0'
try("return 2^53|1.5") --> return 2^53|1.5 : x:1: number has no integer representation
try("return 1 & 1.5") --> return 1 & 1.5 : x:1: number has no integer representation
try("return {} + 1") --> return {} + 1 : x:1: attempt to perform arithmetic on a table value
try("return -{}") --> return -{} : x:1: attempt to perform arithmetic on a table value
try("return #5") --> return #5 : x:1: attempt to get length of a number value
try("return {}..1") --> return {}..1 : x:1: attempt to concatenate a table value
try('return "x"+1') --> return "x"+1 : x:1: attempt to add a 'string' with a 'number'
try('return "x" & 1') --> return "x" & 1 : x:1: attempt to perform bitwise operation on a string value (constant 'x')
try("return 1<{}") --> return 1<{} : x:1: attempt to compare number with table
try("return {}<{}") --> return {}<{} : x:1: attempt to compare two table values
try('return 1<"2"') --> return 1<"2" : x:1: attempt to compare number with string
try("local a; a.b=1") --> local a; a.b=1 : x:1: attempt to index a nil value (local 'a')
try("local a={}; a.b.c=1") --> local a={}; a.b.c=1 : x:1: attempt to index a nil value (field 'b')
try("x.y=1") --> x.y=1 : x:1: attempt to index a nil value (global 'x')
try("local a; (function() return a.b end)()") --> local a; (function() return a.b end)() : x:1: attempt to index a nil value (upvalue 'a')
try("f()") --> f() : x:1: attempt to call a nil value (global 'f')
try("local t={} t.f()") --> local t={} t.f() : x:1: attempt to call a nil value (field 'f')
try('("x"):bad()') --> ("x"):bad() : x:1: attempt to call a nil value (method 'bad')
try("local a={}; a.b:c()") --> local a={}; a.b:c() : x:1: attempt to index a nil value (field 'b')
try('for i="x",2 do end') --> for i="x",2 do end : x:1: bad 'for' initial value (number expected, got string)
try("for i=1,{} do end") --> for i=1,{} do end : x:1: bad 'for' limit (number expected, got table)
try("for i=1,2,0 do end") --> for i=1,2,0 do end : x:1: 'for' step is zero
try("for k in 3 do end") --> for k in 3 do end : x:1: attempt to call a number value (for iterator 'for iterator')
try("local t={} t[nil]=1") --> local t={} t[nil]=1 : x:1: table index is nil
try("local t={} t[0/0]=1") --> local t={} t[0/0]=1 : x:1: table index is NaN
try("local a <close> = {}") --> local a <close> = {} : x:1: variable 'a' got a non-closable value
try("setmetatable(1,{})") --> setmetatable(1,{}) : x:1: bad argument #1 to 'setmetatable' (table expected, got number)
try("setmetatable(setmetatable({},{__metatable=1}),{})") --> setmetatable(setmetatable({},{__metatable=1}),{}) : x:1: cannot change a protected metatable
try("local t=setmetatable({},{__newindex=1}) t.x=1") --> local t=setmetatable({},{__newindex=1}) t.x=1 : x:1: attempt to index a number value
try("local t=setmetatable({},{__add=1}) return t+1") --> local t=setmetatable({},{__add=1}) return t+1 : x:1: attempt to call a number value (metamethod 'add')
try('return math.floor("a")') --> return math.floor("a") : x:1: bad argument #1 to 'floor' (number expected, got string)
try("return math.floor({})") --> return math.floor({}) : x:1: bad argument #1 to 'floor' (number expected, got table)
try('return ("x").y.z') --> return ("x").y.z : x:1: attempt to index a nil value (field 'y')
try('string.rep("x",-1,{})') --> string.rep("x",-1,{}) : x:1: bad argument #3 to 'rep' (string expected, got table)
try('("x"):rep(1e10)') --> ("x"):rep(1e10) : x:1: resulting string too large
try('("x"):rep({})') --> ("x"):rep({}) : x:1: bad argument #1 to 'rep' (number expected, got table)
try("string.char(256)") --> string.char(256) : x:1: bad argument #1 to 'char' (value out of range)
try('string.format("%d",1.5)') --> string.format("%d",1.5) : x:1: bad argument #2 to 'format' (number has no integer representation)
try('string.format("%d","a")') --> string.format("%d","a") : x:1: bad argument #2 to 'format' (number expected, got string)
try('string.format("%d")') --> string.format("%d") : x:1: bad argument #2 to 'format' (no value)
try('string.format("%y",1)') --> string.format("%y",1) : x:1: invalid conversion '%y' to 'format'
try('string.format("%123d",1)') --> string.format("%123d",1) : x:1: invalid conversion specification: '%123d'
try('string.format("%10q",1)') --> string.format("%10q",1) : x:1: specifier '%q' cannot have modifiers
try('string.format("%q",{})') --> string.format("%q",{}) : x:1: bad argument #2 to 'format' (value has no literal form)
try('string.find("a","[a")') --> string.find("a","[a") : x:1: malformed pattern (missing ']')
try('string.find("a","%")') --> string.find("a","%") : x:1: malformed pattern (ends with '%')
try('string.gsub("a","a","%2")') --> string.gsub("a","a","%2") : x:1: invalid capture index %2
try('string.gsub("a",".",{a={}})') --> string.gsub("a",".",{a={}}) : x:1: invalid replacement value (a table)
try('string.find(("a"):rep(2000),(".?"):rep(2000))') --> string.find(("a"):rep(2000),(".?"):rep(2000)) : x:1: pattern too complex
try('string.pack("i17",1)') --> string.pack("i17",1) : x:1: integral size (17) out of limits [1,16]
try('string.pack("i1",300)') --> string.pack("i1",300) : x:1: bad argument #2 to 'pack' (integer overflow)
try('string.unpack("i4","abc")') --> string.unpack("i4","abc") : x:1: bad argument #2 to 'unpack' (data string too short)
try("utf8.char(-1)") --> utf8.char(-1) : x:1: bad argument #1 to 'char' (value out of range)
try([[utf8.codepoint("\xff")]]) --> utf8.codepoint("\xff") : x:1: invalid UTF-8 code
try([[utf8.offset("\x80",1)]]) --> utf8.offset("\x80",1) : x:1: initial position is a continuation byte
try("table.insert({},5,1)") --> table.insert({},5,1) : x:1: bad argument #2 to 'insert' (position out of bounds)
try("table.insert({},1,2,3)") --> table.insert({},1,2,3) : x:1: wrong number of arguments to 'insert'
try("table.concat({1,{},3})") --> table.concat({1,{},3}) : x:1: invalid value (table) at index 2 in table for 'concat'
try("table.unpack({},1,1e8)") --> table.unpack({},1,1e8) : x:1: too many results to unpack
try("table.sort({3,1,2,4,5,6},function() return true end)") --> table.sort({3,1,2,4,5,6},function() return true end) : x:1: invalid order function for sorting
try("table.move({},1,math.maxinteger,2)") --> table.move({},1,math.maxinteger,2) : x:1: bad argument #4 to 'move' (destination wrap around)
try("math.random(0,-1)") --> math.random(0,-1) : x:1: bad argument #1 to 'random' (interval is empty)
try("math.fmod(1,0)") --> math.fmod(1,0) : x:1: bad argument #2 to 'fmod' (zero)
try('tonumber("1",99)') --> tonumber("1",99) : x:1: bad argument #2 to 'tonumber' (base out of range)
try("select(0)") --> select(0) : x:1: bad argument #1 to 'select' (index out of range)
try("next({},1)") --> next({},1) : invalid key to 'next'
try("rawset(1,2,3)") --> rawset(1,2,3) : x:1: bad argument #1 to 'rawset' (table expected, got number)
try("rawlen(5)") --> rawlen(5) : x:1: bad argument #1 to 'rawlen' (table or string expected, got number)
try("tostring()") --> tostring() : x:1: bad argument #1 to 'tostring' (value expected)
try("ipairs()") --> ipairs() : x:1: bad argument #1 to 'ipairs' (value expected)
try("xpcall()") --> xpcall() : x:1: bad argument #2 to 'xpcall' (function expected, got no value)
try("load(nil)") --> load(nil) : x:1: bad argument #1 to 'load' (function expected, got nil)
try('collectgarbage("x")') --> collectgarbage("x") : x:1: bad argument #1 to 'collectgarbage' (invalid option 'x')
try("warn()") --> warn() : x:1: bad argument #1 to 'warn' (string expected, got no value)
try("string.dump(print)") --> string.dump(print) : x:1: unable to dump given function
try("coroutine.resume(1)") --> coroutine.resume(1) : x:1: bad argument #1 to 'resume' (thread expected, got number)
try("coroutine.yield()") --> coroutine.yield() : attempt to yield from outside a coroutine
try("coroutine.close(coroutine.running())") --> coroutine.close(coroutine.running()) : x:1: cannot close a running coroutine
try("error({})") --> error({}) : table: 0x...
try("error()") --> error() : nil
try("assert(false)") --> assert(false) : x:1: assertion failed!
try("assert()") --> assert() : x:1: bad argument #1 to 'assert' (value expected)
