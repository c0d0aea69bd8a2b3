print(#utf8.charpattern, ("aä€"):gsub(utf8.charpattern, ".")) --> 14	...	3
for c in ("hé"):gmatch(utf8.charpattern) do print(c, #c) end
--> h	1
--> é	2
