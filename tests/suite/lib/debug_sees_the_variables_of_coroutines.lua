local co = coroutine.create(function(a, ...)
  local b = a * 2
  coroutine.yield(b)
  return b
end)
coroutine.resume(co, 21, "extra")
print(debug.getlocal(co, 1, 1)) --> a	21
print(debug.getlocal(co, 1, 2)) --> b	42
print(debug.getlocal(co, 1, -1)) --> (vararg)	extra
print(debug.setlocal(co, 1, 2, "changed")) --> b
print(debug.getinfo(co, 1, "l").currentline, debug.getinfo(co, 0, "n").name) --> 3	yield
print(coroutine.resume(co)) --> true	changed
print(debug.getinfo(co, 0)) --> nil
print(pcall(debug.getlocal, co, 0, 1)) --> false	bad argument #2 to 'debug.getlocal' (level out of range)
