-- Stands in for the C library of this name: as much of it as busted asks for.
return {
  isatty = function() return false end,
}
