print(("%a|%a|%a|%A"):format(1, 0.5, -3.75, 255.5)) --> 0x1p+0|0x1p-1|-0x1.ep+1|0X1.FFP+7
print(("%.1a|%.3a|%a"):format(1.999, 1, 0)) --> 0x2.0p+0|0x1.000p+0|0x0p+0
print(("%20a|%-12a|%+a"):format(1, 1, 1)) -->               0x1p+0|0x1p+0      |+0x1p+0
