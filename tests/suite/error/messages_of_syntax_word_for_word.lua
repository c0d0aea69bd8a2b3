-- Programs that are none, with the text of each message.
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
try("goto l1") --> goto l1 : x:1: no visible label 'l1' for <goto> at line 1
try("goto l1; local aa ::l1:: print(3)") --> goto l1; local aa ::l1:: print(3) : x:1: <goto l1> at line 1 jumps into the scope of local 'aa'
try("::a:: ::a::") --> ::a:: ::a:: : x:1: label 'a' already defined on line 1
try("break") --> break : x:1: break outside loop at line 1
try("x =") --> x = : x:1: unexpected symbol near <eof>
try("x = }") --> x = } : x:1: unexpected symbol near '}'
try("do local x = 1") --> do local x = 1 : x:1: 'end' expected near <eof>
try("local function f( return 1") --> local function f( return 1 : x:1: <name> or '...' expected near 'return'
try('return "abc') --> return "abc : x:1: unfinished string near <eof>
try("return [[abc") --> return [[abc : x:1: unfinished long string (starting at line 1) near <eof>
try([[return "\q"]]) --> return "\q" : x:1: invalid escape sequence near '"\q'
try([[return "\400"]]) --> return "\400" : x:1: decimal escape too large near '"\400"'
try([[return "\u{110000000}"]]) --> return "\u{110000000}" : x:1: UTF-8 value too large near '"\u{110000000'
try([[return "\xZZ"]]) --> return "\xZZ" : x:1: hexadecimal digit expected near '"\xZ'
try("return 0x") --> return 0x : x:1: malformed number near '0x'
try("return 1e") --> return 1e : x:1: malformed number near '1e'
try("f() = 1") --> f() = 1 : x:1: syntax error near '='
try("x:y") --> x:y : x:1: function arguments expected near <eof>
try("local x <foo> = 1") --> local x <foo> = 1 : x:1: unknown attribute 'foo'
try("local x <const> = 1; x = 2") --> local x <const> = 1; x = 2 : x:1: attempt to assign to const variable 'x'
try("local function f() return ... end") --> local function f() return ... end : x:1: cannot use '...' outside a vararg function near '...'
try("repeat until x end") --> repeat until x end : x:1: <eof> expected near 'end'
try("if x then elseif") --> if x then elseif : x:1: unexpected symbol near <eof>
try("for i=1 do end") --> for i=1 do end : x:1: ',' expected near 'do'
try("@") --> @ : x:1: unexpected symbol near '@'
