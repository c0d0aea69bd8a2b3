local f = load(('-- long\n'):rep(20000) .. 'error()', 'x' .. ('y'):rep(200000)) while true do pcall(f) end
