//! The words of the compiler's own errors; the parser adds the position.

use cu_parser::ast::Line;

pub(super) fn too_many(what: &[u8], limit: usize, line: Line) -> Vec<u8> {
    let place = match line {
        0 => "main function".to_owned(),
        line => format!("function at line {line}"),
    };
    let tail = format!(" (limit is {limit}) in {place}");
    [b"too many ", what, tail.as_bytes()].concat()
}

pub(super) fn assign_to_const(name: &[u8]) -> Vec<u8> {
    [b"attempt to assign to const variable '", name, b"'"].concat()
}

pub(super) fn label_defined(name: &[u8], line: Line) -> Vec<u8> {
    let tail = format!("' already defined on line {line}");
    [b"label '", name, tail.as_bytes()].concat()
}

pub(super) fn jumps_into_scope(label: &[u8], line: Line, local: &[u8]) -> Vec<u8> {
    let middle = format!("> at line {line} jumps into the scope of local '");
    [b"<goto ", label, middle.as_bytes(), local, b"'"].concat()
}

pub(super) fn break_outside_loop(line: Line) -> Vec<u8> {
    format!("break outside loop at line {line}").into_bytes()
}

pub(super) fn no_visible_label(label: &[u8], line: Line) -> Vec<u8> {
    let tail = format!("' for <goto> at line {line}");
    [b"no visible label '", label, tail.as_bytes()].concat()
}
