//! Source text, mostly broken: tokens in an order that makes little sense, and good programs with something taken out
//! or put in. What is compared is the message, or what the program gives.

use std::fmt::Write;

use super::random::Random;

const TOKENS: [&str; 66] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while", "+", "-",
    "*", "/", "%", "^", "#", "&", "~", "|", "<<", ">>", "//", "==", "~=", "<=", ">=", "<", ">",
    "=", "(", ")", "{", "}", "[", "]", "::", ";", ":", ",", ".", "..", "...", "x", "y", "1", "2.5",
    "'s'", "[[long]]", "<const>", "<close>", "--[[c]]", "\\", "\"open",
];

const PROGRAMS: [&str; 12] = [
    "local x = 1 if x > 0 then return x else return - x end",
    "for i = 1 , 3 do x = i end return x",
    "local function f ( a , ... ) return ... , a end return f ( 1 , 2 )",
    "local t = { 1 , x = 2 ; [ 3 ] = 4 } return t . x , t [ 3 ]",
    "goto done ; do x = 1 end :: done :: return 1",
    "local x < const > = 5 return x + 1",
    "repeat local y = 1 until y == 1 return 'ok'",
    "while true do break end return 0",
    "local s = 'a' .. \"b\" .. [[c]] return # s",
    "function x ( ) return 1 end return x ( )",
    "for k , v in next , { } do return k end",
    "return not nil and 1 or 2 , 2 ^ 3 ^ 2 , - 2 ^ 2 , 1 .. 2",
];

/// A text that `load` is given.
pub fn case(random: &mut Random, text: &mut String) {
    let mut words: Vec<&str> = Vec::new();
    if random.one_in(3) {
        for _ in 0..=random.below(8) {
            words.push(random.pick(&TOKENS));
        }
    } else {
        words.extend(random.pick(&PROGRAMS).split(' '));
        for _ in 0..=random.below(2) {
            let at = random.below(words.len());
            match random.below(3) {
                0 => words[at] = random.pick(&TOKENS),
                1 => words.insert(at, random.pick(&TOKENS)),
                _ if words.len() > 1 => {
                    words.remove(at);
                }
                _ => {}
            }
        }
    }
    let separator = if random.one_in(4) { "\n" } else { " " };
    let _ = writeln!(
        text,
        "local f, e = load([==[{}]==], '=code') if not f then return e end\nlocal n = 0 debug.sethook(function() n = n + 1 if n > 20 then error('long', 0) end end, '', 1000)\nlocal function done(...) debug.sethook() return ... end return done(pcall(f))",
        words.join(separator)
    );
}
