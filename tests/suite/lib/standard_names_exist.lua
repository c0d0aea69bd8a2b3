local names = {
  _G = "assert collectgarbage dofile error getmetatable ipairs load loadfile next pairs pcall print rawequal rawget rawlen rawset require select setmetatable tonumber tostring type warn xpcall",
  coroutine = "close create isyieldable resume running status wrap yield",
  string = "byte char dump find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper",
  table = "concat insert move pack remove sort unpack",
  math = "abs acos asin atan ceil cos deg exp floor fmod log max min modf rad random randomseed sin sqrt tan tointeger type ult",
  utf8 = "char codepoint codes len offset",
}
for lib, list in pairs(names) do
  for name in list:gmatch("%w+") do
    if type(_G[lib][name]) ~= "function" then print("missing", lib, name) end
  end
end
print("checked") --> checked
