print(xpcall(function() local x = {} + 1 end, function(m) return "H: " .. m end)) --> false	H: handler_of_runtime_errors_gets_the_full_message.lua:1: attempt to perform arithmetic on a table value
