//! Lua functions as bytes: a binary chunk, and behind it where its variables are.
//!
//! ```text
//! function = chunk                          as `string.dump` writes it, but with the name that messages
//!                                           show in place of a source text
//!            01                             revision
//!            n (u8), n variables            one for each upvalue of the chunk
//! variable = 00                             the table of globals, whichever that is where it is read
//!          | 01, u32 length, a value        one that nobody assigns to; never a function of this kind
//!          | 02, u32 table, u32 index       the entry of this index in this table: a cell
//!          | 03, u32 length, name           the table of a standard library
//! ```
//!
//! A chunk with nothing behind it has the globals as its first variable and nil as the others.
//!
//! Variables that something assigns to, and those that hold a function, are cells. Functions that are stored
//! together and share a variable name the same cell, so they share it wherever they are read.

use cu_vm::CellId;

/// Where a variable is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Variable<'a> {
    Globals,
    /// A value, encoded.
    Value(&'a [u8]),
    Cell(CellId),
    Library(&'a [u8]),
}

const REVISION: u8 = 1;

mod kind {
    pub const GLOBALS: u8 = 0;
    pub const VALUE: u8 = 1;
    pub const CELL: u8 = 2;
    pub const LIBRARY: u8 = 3;
}

/// Libraries whose tables are known by name.
pub(crate) const LIBRARIES: [&str; 10] = [
    "string",
    "table",
    "math",
    "utf8",
    "coroutine",
    "os",
    "io",
    "debug",
    "package",
    "bigint",
];

/// Begins the list of `n` variables.
pub(crate) fn begin_variables(n: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(&[REVISION, n]);
}

/// Puts a variable at the end of the list.
pub(crate) fn encode_variable(variable: Variable<'_>, out: &mut Vec<u8>) {
    match variable {
        Variable::Globals => out.push(kind::GLOBALS),
        Variable::Value(bytes) => counted(kind::VALUE, bytes, out),
        Variable::Cell(id) => {
            out.push(kind::CELL);
            out.extend_from_slice(&id.table.to_le_bytes());
            out.extend_from_slice(&id.index.to_le_bytes());
        }
        Variable::Library(name) => counted(kind::LIBRARY, name, out),
    }
}

fn counted(kind: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// The variables behind a chunk: as many as it has upvalues, or none at all.
pub(crate) struct Variables<'a> {
    rest: &'a [u8],
}

impl<'a> Variables<'a> {
    /// `None` when these bytes are no list of `n` variables.
    pub fn of(bytes: &'a [u8], n: u32) -> Option<Variables<'a>> {
        match bytes {
            [] => Some(Variables { rest: bytes }),
            [REVISION, count, rest @ ..] if u32::from(*count) == n => Some(Variables { rest }),
            _ => None,
        }
    }

    /// Whether nothing is said about variables.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next one; `None` when there is none that makes sense.
    pub fn next(&mut self) -> Option<Variable<'a>> {
        let (&kind, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(match kind {
            kind::GLOBALS => Variable::Globals,
            kind::VALUE => Variable::Value(self.counted()?),
            kind::CELL => Variable::Cell(CellId {
                table: self.u32()?,
                index: self.u32()?,
            }),
            kind::LIBRARY => Variable::Library(self.counted()?),
            _ => return None,
        })
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let n = usize::try_from(self.u32()?).ok()?;
        let (bytes, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        let (&bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u32::from_le_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_come_back_and_damage_is_noticed() {
        let all = [
            Variable::Globals,
            Variable::Value(b"\x02\x01\0\0\0\0\0\0\0"),
            Variable::Cell(CellId { table: 7, index: 3 }),
            Variable::Library(b"string"),
        ];
        let mut bytes = Vec::new();
        begin_variables(4, &mut bytes);
        for variable in all {
            encode_variable(variable, &mut bytes);
        }
        let mut list = Variables::of(&bytes, 4).unwrap();
        for variable in all {
            assert_eq!(list.next(), Some(variable));
        }
        assert_eq!(list.next(), None);
        assert!(Variables::of(&bytes, 3).is_none());
        for n in 1..bytes.len() {
            let whole = Variables::of(&bytes[..n], 4)
                .is_some_and(|mut list| (0..4).all(|_| list.next().is_some()));
            assert!(!whole, "{n}");
        }
    }
}
