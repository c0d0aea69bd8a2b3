local a, b = 7, 2
print(a//b, a~=b, a>>1<<1, a..b, a<=b, a==b, ~a) --> 3	true	6	72	false	false	-8
local t <const> = {n=1}
print(#t==0, -a^b, a- -b) --> true	-49.0	9
