local d = os.date("!*t", 1700000000)
print(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst) --> 2023	11	14	22	13	20	3	318	false
local e = os.date("!*t", -1)
print(e.year, e.month, e.day, e.hour, e.min, e.sec, e.wday, e.yday, e.isdst) --> 1969	12	31	23	59	59	4	365	false
print(os.time(os.date("*t", 1700000000)), os.date("!*tx", 0), type(os.date("!*t\0x", 0))) --> 1700000000	*tx	table
