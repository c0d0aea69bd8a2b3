//! Metamethods: an object with a few events set, and operations that need them or lack them.

use std::fmt::Write;

use super::random::Random;

const EVENTS: [&str; 24] = [
    "__add",
    "__sub",
    "__mul",
    "__div",
    "__mod",
    "__pow",
    "__unm",
    "__idiv",
    "__band",
    "__bor",
    "__bxor",
    "__shl",
    "__shr",
    "__bnot",
    "__concat",
    "__len",
    "__eq",
    "__lt",
    "__le",
    "__index",
    "__newindex",
    "__call",
    "__tostring",
    "__name",
];

/// What an event is set to.
fn handler(random: &mut Random, event: &str) -> String {
    if event == "__name" {
        return random.pick(&["'Thing'", "7", "{}"]).to_owned();
    }
    let tagged = format!("function(...) return '{event}', select('#', ...), type((...)) end");
    match random.below(8) {
        0 => "setmetatable({}, {__call = function(self, a) return type(a) end})".to_owned(),
        1 => random
            .pick(&["5", "'text'", "{10, 20, x = 30}", "false"])
            .to_owned(),
        2 => "function() error('from the handler') end".to_owned(),
        3 => "function() return nil end".to_owned(),
        _ => tagged,
    }
}

/// One operation on objects.
pub fn case(random: &mut Random, text: &mut String) {
    text.push_str("local mt = {}\n");
    for _ in 0..=random.below(5) {
        let event = random.pick(&EVENTS);
        let handler = handler(random, event);
        let _ = writeln!(text, "mt.{event} = {handler}");
    }
    // A build of the reference with compatibility switched on would put `not (b < a)` for a missing `__le`.
    text.push_str("mt.__le = mt.__le or mt.__lt\n");
    let _ = writeln!(text, "local a, b = setmetatable({{1, 2}}, mt), {}", random.pick(&[
        "setmetatable({}, mt)", "5", "'10'", "{}", "nil", "setmetatable({}, {__lt = function() return 1 end, __le = function() return nil end, __concat = function(x, y) return type(x) .. type(y) end})",
    ]));
    let operation = match random.below(10) {
        0..=3 => {
            let operator = random.pick(&[
                "+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>", "..", "==", "~=",
                "<", "<=", ">", ">=",
            ]);
            if random.one_in(2) {
                format!("a {operator} b")
            } else {
                format!("b {operator} a")
            }
        }
        4 => random
            .pick(&["-a", "#a", "~a", "not a", "-b", "#b"])
            .to_owned(),
        5 => random
            .pick(&["a.x", "a[1]", "a[3]", "a.x.y", "b.x"])
            .to_owned(),
        6 => random
            .pick(&["a(1, 2)", "a()", "a:method()", "b(a)"])
            .to_owned(),
        7 => "pcall(function() a.y = 1 return rawget(a, 'y') end)".to_owned(),
        8 => "tostring(a):gsub('0x%x+', 'ADDRESS')".to_owned(),
        _ => random
            .pick(&[
                "#a, rawlen(a)",
                "a == a, a ~= b",
                "a .. 'x' .. 1",
                "1 .. a",
                "{a < b, a <= b}",
                "math.max(a, b)",
                "('x'):rep(a)",
                "table.concat({a, b})",
                "ipairs(a)(a, 1)",
                "string.format('%s %d', a, b)",
            ])
            .to_owned(),
    };
    let _ = writeln!(text, "return {operation}");
}
