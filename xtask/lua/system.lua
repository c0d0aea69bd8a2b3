-- Stands in for the C library of this name: as much of it as busted asks for.
return {
  gettime = os.time,
  monotime = os.time,
  sleep = function() end,
}
