print(getmetatable({}), getmetatable(1), getmetatable(nil), getmetatable(print), getmetatable("") ~= nil, getmetatable("a") == getmetatable("b")) --> nil	nil	nil	nil	true	true
