/** Programs that nothing but the end of their worker ends; `never` answers never. */
export const STUCK = {
  "a loop": "while true do end",
  "a loop that catches everything": "while true do pcall(error) end",
  "one call of the library": "return ('x'):rep(100000):find(('x*'):rep(30) .. 'y')",
  "a wait for nothing": "return never()",
  "coroutines": "while true do coroutine.wrap(function() for i = 1, 1e9 do coroutine.yield() end end)() end",
  "garbage": "local t = {} while true do t = {t = {}} end",
};
