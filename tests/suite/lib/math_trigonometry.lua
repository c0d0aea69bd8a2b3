print(math.sin(0), math.cos(0), math.tan(0), math.asin(1), math.acos(1), math.atan(1)) --> 0.0	1.0	0.0	1.5707963267949	0.0	0.78539816339745
print(math.atan(1, -1), math.atan(-1, -1), math.atan(0, -1), math.atan(0.0, 1), math.deg(math.pi), math.rad(180)) --> 2.3561944901923	-2.3561944901923	3.1415926535898	0.0	180.0	3.1415926535898
print(("%.10f %.10f %.10f"):format(math.sin(1), math.cos(1), math.tan(1))) --> 0.8414709848 0.5403023059 1.5574077247
