for _, f in ipairs{"%y", "%", "%123d", "%.123d", "%10q", "%-", "%#s", "%0c", "%+s", "%.5c", "%5.", "%ll", "%  d", "%#d"} do
  print(f, select(2, pcall(string.format, f, 1)))
end
--> %y	invalid conversion '%y' to 'format'
--> %	invalid conversion '%' to 'format'
--> %123d	invalid conversion specification: '%123d'
--> %.123d	invalid conversion specification: '%.123d'
--> %10q	specifier '%q' cannot have modifiers
--> %-	invalid conversion '%-' to 'format'
--> %#s	invalid conversion specification: '%#s'
--> %0c	invalid conversion specification: '%0c'
--> %+s	invalid conversion specification: '%+s'
--> %.5c	invalid conversion specification: '%.5c'
--> %5.	invalid conversion '%5.' to 'format'
--> %ll	invalid conversion '%l' to 'format'
--> %  d	 1
--> %#d	invalid conversion specification: '%#d'
