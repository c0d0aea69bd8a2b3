print(("THE (quick) fox"):find("%f[%a]%a+%f[%A]"), ("hello world"):gsub("%f[%w]%w+", string.upper)) --> 1	HELLO WORLD	2
print(("abc"):find("%f[%z]"), ("abc"):find("%f[a]"), ("x"):find("%f[^x]")) --> 4	1	2	1
print(("one two"):gsub("%f[%w]", "<"), (("one two"):gsub("%f[%W]", ">"))) --> <one <two	one> two>
