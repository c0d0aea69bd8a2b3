local function try(src)
  local f, e = load(src, "=c")
  print(f, e and (e:find("overflow", 1, true) ~= nil or e:find("too many", 1, true) ~= nil))
end
try("return " .. ("-"):rep(1000, " ") .. "1") --> nil	true
try("return " .. ("not "):rep(1000) .. "1") --> nil	true
try("return " .. ("a ^ "):rep(1000) .. "1") --> nil	true
try("return " .. ("a .. "):rep(1000) .. "1") --> nil	true
try("return " .. ("a["):rep(1000) .. "1" .. ("]"):rep(1000)) --> nil	true
try("return " .. ("f("):rep(1000) .. "1" .. (")"):rep(1000)) --> nil	true
