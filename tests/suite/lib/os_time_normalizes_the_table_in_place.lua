local t = { year = 2005, month = 1, day = 1, hour = 1, min = 0, sec = -3602 }
os.time(t)
print(t.year, t.month, t.day, t.hour, t.min, t.sec, t.yday, t.wday) --> 2004	12	31	23	59	58	366	6
t = { year = 2024, month = 14, day = -3, hour = 12 }
os.time(t)
print(t.year, t.month, t.day, t.hour, t.min, t.sec, t.yday, t.wday) --> 2025	1	28	12	0	0	28	3
t = { year = "2000", month = "2", day = 29.0 }
os.time(t)
print(math.type(t.year), t.month, t.day, t.hour) --> integer	2	29	12
