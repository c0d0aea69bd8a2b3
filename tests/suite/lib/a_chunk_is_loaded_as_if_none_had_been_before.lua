-- What loading takes is used again for the next chunk; nothing of the last one may be left, be it cut short or wrong.
local wrong = {
  "local a, b, c = 1, 2 do local d <const> = 'known' goto out x = {a, b, c, d, [",
  "goto nowhere",
  "::twice:: local f = function() return function() ::twice:: ::twice:: end end",
  "local x <close>, y <close> = nil, nil",
  "for i = 1, 2 do local function f() return i, '" .. ("long "):rep(20) .. "' end break break end break",
  "return 'open",
  "x = }",
}
local right = {
  "local a = ... ::again:: a = a + 1 if a < 10 then goto again end return a",
  "return 'known', 1, 1.0, -0.0, nil, ({x = 'known'}).x",
  "local t = {} for i = 1, 3 do t[i] = function() return i end end return t[1](), t[2](), t[3]()",
  "return ...",
  "local _ENV = {y = 7}; return y, x",
}
local first = {}
for i, source in ipairs(right) do first[i] = load(source) end
local same = true
for _, bad in ipairs(wrong) do
  local _, message = load(bad, "=chunk")
  local _, again = load(bad, "=chunk")
  same = same and message == again and message ~= nil
  for i, source in ipairs(right) do
    local a, b = table.pack(first[i](5)), table.pack(load(source)(5))
    same = same and a.n == b.n
    for k = 1, a.n do same = same and a[k] == b[k] and math.type(a[k]) == math.type(b[k]) end
    same = same and string.dump(first[i]) == string.dump(load(source))
  end
end
print(same) --> true
print(select(2, load(wrong[2], "=chunk"))) --> chunk:1: no visible label 'nowhere' for <goto> at line 1
