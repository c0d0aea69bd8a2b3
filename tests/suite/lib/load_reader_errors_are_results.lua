local function first_line(f, e) return f, (e:match("^[^\n]*")) end
print(first_line(load(function() error("reader failed", 0) end))) --> nil	reader failed
print(first_line(load(function() return {} end))) --> nil	load_reader_errors_are_results.lua:3: reader function must return a string
