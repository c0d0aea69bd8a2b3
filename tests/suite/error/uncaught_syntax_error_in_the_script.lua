print("never printed")
local x = = 1 --!> uncaught_syntax_error_in_the_script.lua:2: unexpected symbol near '='
