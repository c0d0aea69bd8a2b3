print(1/0, -1/0, math.huge, -math.huge) --> inf	-inf	inf	-inf
print((tostring(0/0):gsub("-", ""))) --> nan
