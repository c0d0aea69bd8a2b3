for _, src in ipairs{[["\q"]], [["\400"]], [["\xZZ"]], [["\x1"]], [["\u{110000000}"]], [["\u41"]], [["\u{}"]], [["\u{41"]], [["\]], [["abc\z]]} do
  print(select(2, load("return " .. src, "=c")))
end
--> c:1: invalid escape sequence near '"\q'
--> c:1: decimal escape too large near '"\400"'
--> c:1: hexadecimal digit expected near '"\xZ'
--> c:1: hexadecimal digit expected near '"\x1"'
--> c:1: UTF-8 value too large near '"\u{110000000'
--> c:1: missing '{' near '"\u4'
--> c:1: hexadecimal digit expected near '"\u{}'
--> c:1: missing '}' near '"\u{41"'
--> c:1: unfinished string near <eof>
--> c:1: unfinished string near <eof>
