-- What goes wrong with files, times and the machine, with the text of each message.
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
try('io.open("x","q")') --> io.open("x","q") : x:1: bad argument #2 to 'open' (invalid mode)
try('io.lines("nofile")') --> io.lines("nofile") : x:1: cannot open file 'nofile' (No such file or directory)
try('dofile("nofile")') --> dofile("nofile") : cannot open nofile: No such file or directory
try("os.time{}") --> os.time{} : x:1: field 'year' missing in date table
try("os.time{year=2000,month=1,day=1.5}") --> os.time{year=2000,month=1,day=1.5} : x:1: field 'day' is not an integer
try('os.date("%Ez")') --> os.date("%Ez") : x:1: bad argument #1 to 'date' (invalid conversion specifier '%Ez')
try('debug.getinfo(1,"X")') --> debug.getinfo(1,"X") : x:1: bad argument #2 to 'getinfo' (invalid option)
try("debug.getlocal(99,1)") --> debug.getlocal(99,1) : x:1: bad argument #1 to 'getlocal' (level out of range)
