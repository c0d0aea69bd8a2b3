print("before") --> before
error("it failed") --!> uncaught_string_ends_the_program.lua:2: it failed
