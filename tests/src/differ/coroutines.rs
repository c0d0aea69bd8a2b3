//! Coroutines: bodies of a few steps, resumed more often than they yield, closed, wrapped and nested.

use std::fmt::Write;

use super::random::Random;

/// One step of a body.
fn step(random: &mut Random, text: &mut String) {
    let n = random.between(1, 9);
    let _ = match random.below(13) {
        0..=2 => writeln!(text, "  r[#r + 1] = coroutine.yield({n}, ...)"),
        3 => writeln!(text, "  r[#r + 1] = tostring(pcall(coroutine.yield, {n}))"),
        4 => writeln!(
            text,
            "  r[#r + 1] = tostring(select(2, pcall(function() coroutine.yield({n}) error('e{n}') end)))"
        ),
        5 => writeln!(
            text,
            "  for i = 1, 2 do local x <close> = setmetatable({{}}, {{__close = function(_, e) r[#r + 1] = 'close' .. tostring(e) coroutine.yield('c') end}}) coroutine.yield(i) end"
        ),
        6 => writeln!(
            text,
            "  local m = setmetatable({{}}, {{__add = function() return coroutine.yield('add') end, __index = function(_, k) return coroutine.yield(k) end}}) r[#r + 1] = tostring(m + 1) .. tostring(m.key)"
        ),
        7 => writeln!(
            text,
            "  for v in coroutine.wrap(function() for i = 1, {n} % 3 do coroutine.yield(i) end end) do r[#r + 1] = v end"
        ),
        8 => writeln!(
            text,
            "  error({})",
            random.pick(&["'boom'", "{}", "nil", "'flat', 0", "'up', 2"])
        ),
        9 => writeln!(
            text,
            "  r[#r + 1] = coroutine.status(co) .. tostring(coroutine.isyieldable()) .. tostring(select(2, coroutine.running()))"
        ),
        10 => writeln!(
            text,
            "  r[#r + 1] = tostring(select(2, coroutine.resume(co)))"
        ),
        11 => writeln!(
            text,
            "  r[#r + 1] = select(2, xpcall(function() coroutine.yield({n}) local x = nil; return x.y end, function(m) return 'H:' .. m end))"
        ),
        _ => writeln!(text, "  do return {n}, ... end"),
    };
}

/// A body and what is done with it.
pub fn case(random: &mut Random, text: &mut String) {
    text.push_str("local r = {}\nlocal co\nco = coroutine.create(function(...)\n");
    for _ in 0..=random.below(4) {
        step(random, text);
    }
    text.push_str("end)\nlocal function note(...) for i = 1, select('#', ...) do local v = select(i, ...) r[#r + 1] = type(v) == 'table' and 'T' or tostring(v) end end\n");
    for i in 0..random.below(7) {
        let _ = match random.below(8) {
            0 => writeln!(text, "note(coroutine.close(co))"),
            1 => writeln!(text, "note(coroutine.status(co))"),
            2 => writeln!(
                text,
                "note(pcall(coroutine.wrap(function(x) coroutine.yield(x) error('w') end), {i}))"
            ),
            _ => writeln!(text, "note(coroutine.resume(co, {i}))"),
        };
    }
    text.push_str("return table.concat(r, ' '), coroutine.status(co)\n");
}
