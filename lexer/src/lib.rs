//! From bytes to tokens.
//!
//! A [`Lexer`] walks a source and gives one [`Token`] after the other. An automaton made by logos
//! knows the easy tokens, blanks and newlines; strings, long brackets, comments and numerals are
//! read by hand behind it. The same reader of numerals serves every other place where Lua turns text
//! into numbers: [`parse_number`].
//!
//! What it is not: it knows no grammar, no chunk names beyond how they are shown ([`short_src`]),
//! and it does no IO.
//!
//! Invariants:
//! - it is total: any bytes give tokens up to [`TokenKind::Eos`], or a [`LexError`];
//! - whatever it keeps grows through a [`Meter`];
//! - [`Token::line`] is the line on which a token *ends*; only strings span lines.

#![forbid(unsafe_code)]

mod cursor;
mod decimal;
mod dump;
mod error;
mod lexer;
mod long;
mod meter;
mod numeral;
mod position;
mod string;
#[cfg(test)]
mod tests;
mod token;

pub use decimal::{Digits, decimal, decimal_backwards};
pub use dump::dump_tokens;
pub use error::{LexError, LexErrorKind, Malformed, until_nul};
pub use lexer::{Failed, Lexer};
pub use meter::{Meter, OutOfMemory, Watch};
pub use numeral::{Number, parse_number};
pub use position::{short_src, skip_first_line_comment};
pub use token::{Token, TokenKind};
