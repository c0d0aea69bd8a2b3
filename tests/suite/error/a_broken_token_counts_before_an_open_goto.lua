-- The token behind the statement is read before its function ends, and only there is the label missed.
print(load('break "open', '=c')) --> nil	c:1: unfinished string near <eof>
print(load('goto x "open', '=c')) --> nil	c:1: unfinished string near <eof>
print(load('goto x local y = 0x', '=c')) --> nil	c:1: malformed number near '0x'
print(load('do goto x end local y = 1 ::x:: print(y) [=', '=c')) --> nil	c:1: <goto x> at line 1 jumps into the scope of local 'y'
print(load('break true', '=c')) --> nil	c:1: unexpected symbol near 'true'
print(load('break$', '=c')) --> nil	c:1: unexpected symbol near '$'
print(load('function f() break end "open', '=c')) --> nil	c:1: unfinished string near <eof>
