local N = ... or 140000
-- Planets pulling at each other: float fields of a few tables.
local sqrt = math.sqrt
local function body(x, y, z, vx, vy, vz, m) return {x = x, y = y, z = z, vx = vx, vy = vy, vz = vz, m = m} end
local bodies = {
  body(0, 0, 0, 0, 0, 0, 40.0),
  body(5, 0, 0.1, 0, 2.8, 0, 0.04),
  body(-9, 1, -0.2, 0.1, -2.1, 0, 0.01),
  body(0, 13, 0.3, -1.7, 0, 0.02, 0.002),
  body(2, -16, -0.4, 1.5, 0.2, -0.01, 0.002),
}
local function rest()
  local px, py, pz = 0, 0, 0
  for _, b in ipairs(bodies) do px, py, pz = px + b.vx * b.m, py + b.vy * b.m, pz + b.vz * b.m end
  local sun = bodies[1]
  sun.vx, sun.vy, sun.vz = -px / sun.m, -py / sun.m, -pz / sun.m
end
local function energy()
  local e = 0
  for i, a in ipairs(bodies) do
    e = e + 0.5 * a.m * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      e = e - a.m * b.m / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return e
end
local function step(dt)
  local n = #bodies
  for i = 1, n do
    local a = bodies[i]
    for j = i + 1, n do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      local d2 = dx * dx + dy * dy + dz * dz
      local pull = dt / (d2 * sqrt(d2))
      a.vx, a.vy, a.vz = a.vx - dx * b.m * pull, a.vy - dy * b.m * pull, a.vz - dz * b.m * pull
      b.vx, b.vy, b.vz = b.vx + dx * a.m * pull, b.vy + dy * a.m * pull, b.vz + dz * a.m * pull
    end
  end
  for i = 1, n do
    local a = bodies[i]
    a.x, a.y, a.z = a.x + dt * a.vx, a.y + dt * a.vy, a.z + dt * a.vz
  end
end
rest()
local before = energy()
for _ = 1, N do step(0.001) end
local after = energy()
assert(math.abs(after - before) < 1e-3, "energy is not kept")
local check = ("%.9f"):format(after)
if N == 140000 then assert(check == "-0.191065647") end
return check
