//! The words of the compiler's own errors; the parser adds the position.

use cu_lexer::decimal;
use cu_parser::ast::Line;

pub(super) fn too_many(what: &[u8], limit: usize, line: Line) -> Vec<u8> {
    let (mut limit_digits, mut line_digits) = ([0; 24], [0; 24]);
    let limit = decimal(&mut limit_digits, limit as u64);
    let (place, line): (&[u8], &[u8]) = match line {
        0 => (b"main function", b""),
        line => (b"function at line ", decimal(&mut line_digits, line.into())),
    };
    [
        b"too many ",
        what,
        b" (limit is ",
        limit,
        b") in ",
        place,
        line,
    ]
    .concat()
}

pub(super) fn assign_to_const(name: &[u8]) -> Vec<u8> {
    [b"attempt to assign to const variable '", name, b"'"].concat()
}

pub(super) fn label_defined(name: &[u8], line: Line) -> Vec<u8> {
    let mut digits = [0; 24];
    let line = decimal(&mut digits, line.into());
    [b"label '", name, b"' already defined on line ", line].concat()
}

pub(super) fn jumps_into_scope(label: &[u8], line: Line, local: &[u8]) -> Vec<u8> {
    let mut digits = [0; 24];
    let line = decimal(&mut digits, line.into());
    let middle = b" jumps into the scope of local '";
    [b"<goto ", label, b"> at line ", line, middle, local, b"'"].concat()
}

pub(super) fn break_outside_loop(line: Line) -> Vec<u8> {
    let mut digits = [0; 24];
    [
        b"break outside loop at line ",
        decimal(&mut digits, line.into()),
    ]
    .concat()
}

pub(super) fn no_visible_label(label: &[u8], line: Line) -> Vec<u8> {
    let mut digits = [0; 24];
    let line = decimal(&mut digits, line.into());
    [b"no visible label '", label, b"' for <goto> at line ", line].concat()
}
