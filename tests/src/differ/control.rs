//! Loops at the limits of numbers, `goto`, closures that capture loop variables, and short structured programs.

use std::fmt::Write;

use super::expressions::expression;
use super::random::Random;

/// A few statements over `a` to `d` and the counter `n`, nested at most `depth` times.
fn block(random: &mut Random, depth: usize, text: &mut String) {
    for _ in 0..=random.below(3) {
        let name = random.pick(&["a", "b", "c", "d"]);
        match random.below(if depth == 0 { 3 } else { 9 }) {
            0..=2 => {
                let _ = write!(text, "{name} = ");
                expression(random, 2, text);
                text.push('\n');
            }
            3 => {
                text.push_str("if ");
                expression(random, 1, text);
                text.push_str(" then\n");
                block(random, depth - 1, text);
                if random.one_in(2) {
                    text.push_str("else\n");
                    block(random, depth - 1, text);
                }
                text.push_str("end\n");
            }
            4 => {
                let last = random.between(0, 4);
                let _ = writeln!(
                    text,
                    "for i = 1, {last} do\nf[#f + 1] = function() i = i + 1 return i, {name} end"
                );
                block(random, depth - 1, text);
                if random.one_in(3) {
                    text.push_str("if i == 2 then break end\n");
                }
                text.push_str("end\n");
            }
            5 => {
                text.push_str("repeat\nn = n + 1\nlocal e = n\n");
                block(random, depth - 1, text);
                text.push_str("until e > 6 or n > 20\n");
            }
            6 => {
                text.push_str("while n < 12 do\nn = n + 1\n");
                block(random, depth - 1, text);
                if random.one_in(3) {
                    text.push_str("if n % 3 == 0 then goto continue end\n");
                }
                text.push_str("::continue::\nend\n");
            }
            7 => {
                let _ = writeln!(
                    text,
                    "do local {name} <const> = n\nf[#f + 1] = function() return {name} end"
                );
                block(random, 0, &mut String::new());
                text.push_str("end\n");
            }
            _ => {
                let _ = writeln!(text, "{name}, n = n, n + 1");
            }
        }
    }
}

/// A loop, or a program.
pub fn case(random: &mut Random, text: &mut String) {
    if random.one_in(3) {
        let (from, to, step) = (random.value(), random.value(), random.value());
        let step = if random.one_in(2) {
            String::new()
        } else {
            format!(", {step}")
        };
        let _ = writeln!(
            text,
            "local r = {{}} for i = {from}, {to}{step} do r[#r + 1] = i if #r >= 5 then break end end return r"
        );
        return;
    }
    let (a, b) = (random.number(), random.value());
    let _ = writeln!(text, "local a, b, c, d, n, f = {a}, {b}, '7', 3, 0, {{}}");
    block(random, 2, text);
    text.push_str(
        "local r = {} for i = 1, math.min(#f, 9) do r[i] = {f[i]()} end return a, b, c, d, n, r\n",
    );
}
