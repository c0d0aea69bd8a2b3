local function m(...) print(string.match(...)) end
m("2024-01-15", "(%d+)-(%d+)-(%d+)") --> 2024	01	15
m("2024-01-", "(%d+)-(%d+)-(%d+)") --> nil
m("20240115", "(%d+)(%d)") --> 2024011	5
m("12.", "%d+%.?%d*") --> 12.
m("12.5e", "^(%d+)%.?(%d*)") --> 12	5
m("aaa", "a+a") --> aaa
m("aaab", "(a*)ab") --> aa
m("aaab", "a*a?b?") --> aaab
m("aaa", "a?a?a?a") --> aaa
m("ab", "a?b?$") --> ab
m("abc", "a?b?$") -->
m("key = value", "^(%w+)%s*=%s*(%w+)$") --> key	value
m("key= value ", "^(%w+)%s*=%s*(%w+)$") --> nil
m("a_b1 c", "([%a_]+)([%d_]*)%s") --> a_b	1
m("a_1", "([%w_]+)([%d_])") --> a_	1
m("abc", "[a-c]+[b-d]") --> abc
m("abcd", "[a-c]+[d-f]") --> abcd
m("x--y", "(%-+)-y") --> -
m("x--y", "%-*y") --> --y
m("(())", "%(+%)*") --> (())
m("((a", "(%(*)%(a") --> (
m("tab\tx", "%a+%s%a") --> tab	x
print(#("tab\nx"):match("%a+%c+%a")) --> 5
m("line one\nline two", "[^\n]*\n(.+)") --> line two
m("no end", "[^\n]*\n") --> nil
print(#("\xe9t\xe9"):match("[^%s]+")) --> 3
print(#("\xe9t"):match("%w*%W")) --> 1
m("A1b2", "%u+%d%l*%d?") --> A1b2
m("0x1F", "0x%x+$") --> 0x1F
m("0x1Fg", "0x%x+$") --> nil
m("0x1Fg", "0x(%x+)g?") --> 1F
print(("x1,y22;z"):gsub("(%a)(%d*)[,;]?", "<%1:%2>")) --> <x:1><y:22><z:>	3
print(("aXbX"):gsub("%l?X", "-")) --> --	2
print(("one  two "):gsub("%s+$", "."), ("  a "):match("^%s*(.-)%s*$") .. "|") --> one  two.	a|
print(pcall(string.match, "aaa", "a+)")) --> false	invalid pattern capture
print(pcall(string.match, "aaa", "(a+")) --> false	unfinished capture
print(pcall(string.match, "aaa", "a+%")) --> false	malformed pattern (ends with '%')
print(pcall(string.match, "aaa", "a+[")) --> false	malformed pattern (missing ']')
print(#("a"):rep(300):match(("a?"):rep(180))) --> 180
