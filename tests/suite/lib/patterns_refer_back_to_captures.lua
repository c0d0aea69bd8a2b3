print(("abab"):match("(ab)%1"), ("'x' \"y\""):match("(['\"])(.-)%1"), ("aa bb cd"):gsub("(%a)%1", "<%1>")) --> ab	'	<a> <b> cd	2
print(("xyzzyx"):match("(.)(.)(.)%3%2%1")) --> x	y	z
