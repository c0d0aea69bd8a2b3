package.loaded["some.module"] = function()
  print((debug.traceback("here", 1):match("in (function '[^']*')"))) --> function 'some.module'
  error("there")
end
print(select(2, xpcall(package.loaded["some.module"], function(message)
  return debug.traceback(message, 2):match("in (function 'some[^']*')")
end))) --> function 'some.module'
