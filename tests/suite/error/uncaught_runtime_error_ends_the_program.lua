local t = nil
print(t.x) --!> uncaught_runtime_error_ends_the_program.lua:2: attempt to index a nil value (local 't')
