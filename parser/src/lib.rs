//! From tokens to the syntax tree.
//!
//! There is one door: [`parse()`]. A hand-written recursive descent with one token of lookahead (two
//! where a table constructor needs them) reads the grammar of the manual's section 9 and gives a
//! [`ast::Tree`], or the error that Lua would give, word for word.
//!
//! What it is not: it knows no bytecode and no scopes. Which variable a name means, whether a label
//! or a loop is there to go to, which variables may be assigned to, and how many of anything a
//! function may have is for the compiler; it words such errors with [`error_near`] and
//! [`error_after`].
//!
//! Invariants:
//! - it is total: any bytes give a tree or a [`ParseError`];
//! - nesting is bounded ([`MAX_LEVELS`]), chains are read by loops, so the native stack suffices;
//! - whatever it keeps grows through a [`Meter`].

#![forbid(unsafe_code)]

pub mod ast;
mod dump;
mod error;
mod expr;
mod intern;
mod parse;
mod stat;
#[cfg(test)]
mod tests;

pub use cu_lexer::{Meter, OutOfMemory, Watch};
pub use dump::dump;
pub use error::{ParseError, SyntaxError, error_after, error_near};
pub use intern::{Index, Interner, hash_word};
pub use parse::{MAX_LEVELS, Workspace};

/// Parses `source` as far as the token at `end`, and closes there whatever is open.
///
/// This is for a source with an error at `end`: in the tree of what lies before it the compiler may find an
/// error that comes first.
pub fn parse_before(
    work: &mut Workspace,
    source: &[u8],
    chunk_name: &[u8],
    end: ast::Pos,
    meter: &mut Meter,
) -> Result<(), ParseError> {
    parse::chunk(work, source, chunk_name, Some(end), meter)
}

/// Parses `source` to the tree of a workspace; errors name it as `chunk_name` says (see [`cu_lexer::short_src`]).
pub fn parse_in(
    work: &mut Workspace,
    source: &[u8],
    chunk_name: &[u8],
    meter: &mut Meter,
) -> Result<(), ParseError> {
    parse::chunk(work, source, chunk_name, None, meter)
}

/// The same, with the tree to keep.
pub fn parse(source: &[u8], chunk_name: &[u8], meter: &mut Meter) -> Result<ast::Tree, ParseError> {
    let mut work = Workspace::default();
    parse_in(&mut work, source, chunk_name, meter)?;
    Ok(work.into_tree())
}
