local f = function() return f end
print(f()) --> nil
