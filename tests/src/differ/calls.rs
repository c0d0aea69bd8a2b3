//! Calls: arguments and results of every number, adjustment, varargs, tail calls, and the base library.

use std::fmt::Write;

use super::random::Random;

fn arguments(random: &mut Random) -> String {
    let mut text = String::new();
    for i in 0..random.below(5) {
        if i > 0 {
            text.push_str(", ");
        }
        let argument = match random.below(6) {
            0 => "...".to_owned(),
            1 => "(...)".to_owned(),
            2 => "three()".to_owned(),
            3 => "(three())".to_owned(),
            _ => random.value(),
        };
        text.push_str(&argument);
    }
    text
}

const BASE: [&str; 14] = [
    "select",
    "tostring",
    "tonumber",
    "type",
    "rawlen",
    "rawequal",
    "rawget",
    "next",
    "ipairs",
    "assert",
    "error",
    "pcall",
    "setmetatable",
    "getmetatable",
];

/// A function with odd arguments, or a chain of calls.
pub fn case(random: &mut Random, text: &mut String) {
    text.push_str("local function three() return 1, nil, 3 end\n");
    let (given, inner) = (arguments(random), arguments(random));
    let _ = match random.below(6) {
        0 => {
            let f = random.pick(&BASE);
            writeln!(text, "return (function(...) return {f}({inner}) end)(4, 5)")
        }
        1 => writeln!(
            text,
            "local function f(a, b, ...) return select('#', ...), b, a, ... end return (function(...) return f({inner}) end)(6, nil)"
        ),
        2 => writeln!(
            text,
            "return (function(...) local a, b, c = {} return a, b, c end)(7, 8)",
            if inner.is_empty() { "nil" } else { &inner }
        ),
        3 => writeln!(
            text,
            "return (function(...) return {{{inner}}}, select('#', {}) end)(9)",
            if given.is_empty() { "nil" } else { &given }
        ),
        4 => {
            let depth = random.between(0, 300);
            writeln!(
                text,
                "local function loop(n, ...) if n == 0 then return select('#', ...), ... end return loop(n - 1, ...) end return (function(...) return loop({depth}, {}) end)(1)",
                if inner.is_empty() { "nil" } else { &inner }
            )
        }
        _ => {
            let f = random.pick(&[
                "math.max",
                "math.min",
                "string.char",
                "table.concat",
                "table.unpack",
                "string.rep",
                "load",
                "xpcall",
                "rawset",
                "collectgarbage",
                "os.time",
                "os.date",
                "utf8.char",
                "string.format",
                "math.random",
                "dofile",
                "io.open",
                "coroutine.wrap",
                "debug.getinfo",
            ]);
            // What it gives differs from run to run; whether it raises an error, and which, does not.
            writeln!(
                text,
                "local ok, e = pcall(function(...) return {f}({inner}) end, 1) return ok, not ok and e or nil"
            )
        }
    };
}
