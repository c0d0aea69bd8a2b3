//! Expressions of every operator over values at which something changes: results, their subtypes, and errors that
//! name an operand.

use std::fmt::Write;

use super::random::Random;

const BINARY: [&str; 21] = [
    "+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>", "..", "==", "~=", "<", "<=",
    ">", ">=", "and", "or",
];
const UNARY: [&str; 4] = ["-", "not ", "#", "~"];

/// An expression in variables `a` to `d`, nested at most `depth` times.
pub fn expression(random: &mut Random, depth: usize, text: &mut String) {
    if depth == 0 || random.one_in(5) {
        if random.one_in(2) {
            text.push_str(random.pick(&["a", "b", "c", "d"]));
        } else {
            text.push_str(&random.value());
        }
        return;
    }
    match random.below(8) {
        0 => {
            text.push_str(random.pick(&UNARY));
            text.push('(');
            expression(random, depth - 1, text);
            text.push(')');
        }
        1 => {
            let f = random.pick(&[
                "math.type",
                "math.tointeger",
                "tonumber",
                "type",
                "math.floor",
                "math.ceil",
                "math.abs",
            ]);
            text.push_str(f);
            text.push('(');
            expression(random, depth - 1, text);
            text.push(')');
        }
        _ => {
            // Without parentheses now and then: precedence is part of the language.
            let loose = random.one_in(3);
            if !loose {
                text.push('(');
            }
            expression(random, depth - 1, text);
            let _ = write!(text, " {} ", random.pick(&BINARY));
            expression(random, depth - 1, text);
            if !loose {
                text.push(')');
            }
        }
    }
}

/// One expression, or a few.
pub fn case(random: &mut Random, text: &mut String) {
    let (a, b, c, d) = (
        random.value(),
        random.number(),
        random.numeral(),
        random.number(),
    );
    let _ = write!(text, "local a, b, c, d = {a}, {b}, {c}, {d}\nreturn ");
    expression(random, 3, text);
    text.push('\n');
}
