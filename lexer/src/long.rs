//! Long brackets: `[[ ... ]]`, `[==[ ... ]==]`, as strings and as comments.
//!
//! Invariant: every newline, however written, is stored as `\n`; the one right after the opening
//! is not stored.

use crate::cursor::{Cursor, is_newline};
use crate::meter::{Meter, OutOfMemory};

/// Reads `[`, any number of `=`, and `[`. Gives their number; without the second bracket, `None`.
///
/// What was read stays read in either case: a comment goes on to the end of its line.
pub(crate) fn skip_opening(cursor: &mut Cursor<'_>) -> Option<usize> {
    if !cursor.eat(b'[') {
        return None;
    }
    let level = cursor.take_until(|byte| byte != b'=').len();
    cursor.eat(b'[').then_some(level)
}

/// Reads the inside of a long string and the closing bracket, appending both to `text`.
///
/// False if the source ends first.
pub(crate) fn read(
    cursor: &mut Cursor<'_>,
    level: usize,
    text: &mut Vec<u8>,
    meter: &mut Meter,
) -> Result<bool, OutOfMemory> {
    if cursor.peek().is_some_and(is_newline) {
        cursor.advance_line();
    }
    loop {
        let run = cursor.take_until(|byte| byte == b']' || is_newline(byte));
        meter.extend(text, run)?;
        match cursor.peek() {
            None => return Ok(false),
            Some(b']') => {
                let (bracket, closed) = closing(cursor, level);
                meter.extend(text, bracket)?;
                if closed {
                    return Ok(true);
                }
            }
            Some(_) => {
                cursor.advance_line();
                meter.push(text, b'\n')?;
            }
        }
    }
}

/// As [`read`], keeping nothing.
pub(crate) fn skip(cursor: &mut Cursor<'_>, level: usize) -> bool {
    loop {
        cursor.take_until(|byte| byte == b']' || is_newline(byte));
        match cursor.peek() {
            None => return false,
            Some(b']') => {
                if closing(cursor, level).1 {
                    return true;
                }
            }
            Some(_) => cursor.advance_line(),
        }
    }
}

/// Reads `]` and the `=` after it, and the second `]` if that makes a closing bracket of `level`.
///
/// Otherwise a second `]` is left, for it may begin the real one.
fn closing<'s>(cursor: &mut Cursor<'s>, level: usize) -> (&'s [u8], bool) {
    let (rest, before) = (cursor.rest(), cursor.offset());
    cursor.advance();
    let closed = cursor.take_until(|byte| byte != b'=').len() == level && cursor.eat(b']');
    let len = cursor.offset() - before;
    (rest.get(..len).unwrap_or_default(), closed)
}
