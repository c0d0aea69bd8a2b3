return load('return ' .. ('x and '):rep(100000) .. '1')
