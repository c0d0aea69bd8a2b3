local function show(...) local t = {...} for i = 1, #t do t[i] = string.format("%.17g", t[i]) end return table.concat(t, " ") end
print(show(1.05 ^ 10, 1.05 ^ -12, 10 ^ -3, 10 ^ 0.3, 2 ^ 0.1)) --> 1.628894626777442 0.55683741817755927 0.001 1.9952623149688795 1.0717734625362931
print(show(3 ^ -0.5, 0.1 ^ 2.5, 1e-5 ^ 3.3, 123456.789 ^ 1.7, 0.999999 ^ 123456)) --> 0.57735026918962573 0.0031622776601683798 3.162277660168387e-17 452455072.1986059 0.88386047568972981
print(show(1.0000001 ^ 1e9, 7.5 ^ 350.25, 0.3 ^ -500.5, 1e300 ^ -1.05)) --> 2.6881038582144647e+43 3.0917723073975049e+306 5.0212519431925139e+261 9.9999999848168381e-316
print(show(math.exp(1), math.exp(-1), math.exp(0.5), math.exp(0.1), math.exp(100.25))) --> 2.7182818284590451 0.36787944117144233 1.6487212707001282 1.1051709180756477 3.4516107331259239e+43
print(show(math.exp(-20.5), math.exp(700.5), math.exp(-700.25), math.exp(1e-5))) --> 1.2501528663867426e-09 1.6721859620674984e+304 7.6787238131108719e-305 1.0000100000500001
print(2 ^ 1023.5 < math.huge, 2 ^ 1024, 2 ^ -1074 > 0, 2 ^ -1080, math.exp(710), math.exp(-750)) --> true	inf	true	0.0	inf	0.0
print((-2) ^ 3, (-2) ^ -3, (-2) ^ 2, (-0.0) ^ -3, 0 ^ -1, (-0.0) ^ 3, 0 ^ 0) --> -8.0	-0.125	4.0	-inf	inf	-0.0	1.0
print(math.huge ^ 0.5, math.huge ^ -1, (-math.huge) ^ 3, (-math.huge) ^ -2, 0.5 ^ math.huge, 2 ^ -math.huge, (-1) ^ math.huge) --> inf	0.0	-inf	0.0	0.0	0.0	1.0
local function is_nan(x) return x ~= x end
print(is_nan((-8) ^ (1 / 3)), is_nan((0 / 0) ^ 1), (0 / 0) ^ 0, 1 ^ (0 / 0), is_nan(math.exp(0 / 0))) --> true	true	1.0	1.0	true
print(tostring((-8) ^ (1 / 3)) == tostring(0 / 0)) --> true
local wrong = 0
for i = 1, 300 do if (i * i) ^ 0.5 ~= i or (i / 8) ^ 2.0 ~= i * i / 64 or (i ^ 4) ^ 0.25 ~= i then wrong = wrong + 1 end end
print(wrong) --> 0
wrong = 0
for i = 1, 2000 do
  local x = i * 0.37
  if math.pow(x, 0.5) ~= x ^ 0.5 or math.pow(x, 1.7) ~= x ^ 1.7 or math.pow(i, 3) ~= i ^ 3 then wrong = wrong + 1 end
end
print(wrong) --> 0
