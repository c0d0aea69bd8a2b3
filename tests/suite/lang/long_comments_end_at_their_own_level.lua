--[==[ a comment ]] with ]=] inside
print("not reached") ]==] print("after") --> after
--[[ short one ]] print("same line") --> same line
---[[ only a line comment
print("line comment ended") --> line comment ended
--[=
print("not a long bracket") --> not a long bracket
