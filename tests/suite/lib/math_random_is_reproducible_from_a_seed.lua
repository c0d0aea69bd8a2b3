math.randomseed(42)
print(math.random(1, 100), math.random(1, 100), math.random(1, 100), math.random(1, 100)) --> 50	76	86	54
print(math.random(0), math.random(10), math.random(-5, 5)) --> 177101407732369983	7	-4
print(("%.14f"):format(math.random()), ("%.14f"):format(math.random())) --> 0.27455699358752	0.19354861304396
math.randomseed(42, 7)
print(math.random(0), math.random(1000)) --> -3100642489518372304	452
math.randomseed(123.0)
print(math.random(1 << 40)) --> 1010375595045
