local K <const> = 10
local NEG <const> = -K
print(K * 2 + NEG, K // 3, ({[K] = "k"})[10], K .. "") --> 10	3	k	10
