print(("100%%"):format(), ("%d%%"):format(5), ("%s-%s"):format(1, 2, 3)) --> 100%	5%	1-2
print(("%s"):rep(50):format(table.unpack((function() local t = {} for i = 1, 50 do t[i] = i % 10 end return t end)()))) --> 12345678901234567890123456789012345678901234567890
