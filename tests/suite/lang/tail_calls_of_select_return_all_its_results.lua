local function rest(...)
  return select(2, ...)
end
print(rest("a", "b", "c")) --> b	c
print(rest("a", "b")) --> b
print(select("#", rest("a"))) --> 0
print((rest("a", "b", "c"))) --> b
local function byte(s, i)
  return s:byte(i)
end
print(select("#", byte("x", 5))) --> 0
