print(("abc123"):match("[a-c]+"), ("abc123"):match("[^a-c]+"), ("a-b"):match("[a%-]+"), ("x]y"):match("[]]"), ("x^y"):match("[x^]+")) --> abc	123	a-	]	x^
print(("a-z"):match("[a-]+"), ("]"):match("[^]]") , ("f09G"):match("[%da-f]+"), ("a.b"):match("[.]"), ("%"):match("[%%]")) --> a-	nil	f09	.	%
print(("abc"):match("[%a]+"), ("_x"):match("[%w_]+"), ("[x]"):match("[[]x[]]")) --> abc	_x	[x]
