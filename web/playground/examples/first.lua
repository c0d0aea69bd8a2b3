-- A first look: print writes to the output, return gives a result.
-- Press Run, or Ctrl+Enter.

local planets = {
  { name = "Mercury", radius = 2439.7, moons = {} },
  { name = "Earth", radius = 6371.0, moons = { "Moon" } },
  { name = "Mars", radius = 3389.5, moons = { "Phobos", "Deimos" } },
}

for i, planet in ipairs(planets) do
  local moons = planet.moons
  local line = "%d. %-8s %7.1f km, moons: %d"
  print(line:format(i, planet.name, planet.radius, #moons))
end

table.sort(planets, function(a, b) return a.radius > b.radius end)
return planets
