print(os.date("!%Ec|%EC|%Ex|%EX|%Ey|%EY", 1e9))
print(os.date("!%Od|%Oe|%OH|%OI|%Om|%OM|%OS|%Ou|%OU|%OV|%Ow|%OW|%Oy", 1e9))
for _, bad in ipairs { "%", "%9", "%E", "%O", "%Ea", "%Ez", "%Oc", "%Q def", "%5d" } do
  print(pcall(os.date, bad))
end
--> Sun Sep  9 01:46:40 2001|20|09/09/01|01:46:40|01|2001
--> 09| 9|01|01|09|46|40|7|36|36|0|36|01
--> false	bad argument #1 to 'os.date' (invalid conversion specifier '%')
--> false	bad argument #1 to 'os.date' (invalid conversion specifier '%9')
--> false	bad argument #1 to 'os.date' (invalid conversion specifier '%E')
--> false	bad argument #1 to 'os.date' (invalid conversion specifier '%O')
--> false	bad argument #1 to 'os.date' (invalid conversion specifier '%Ea')
--> false	bad argument #1 to 'os.date' (invalid conversion specifier '%Ez')
--> false	bad argument #1 to 'os.date' (invalid conversion specifier '%Oc')
--> false	bad argument #1 to 'os.date' (invalid conversion specifier '%Q def')
--> false	bad argument #1 to 'os.date' (invalid conversion specifier '%5d')
