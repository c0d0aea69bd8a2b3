error(nil) --!> (error object is a nil value)
