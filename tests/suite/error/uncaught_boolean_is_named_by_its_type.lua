error(true) --!> (error object is a boolean value)
