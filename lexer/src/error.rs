//! What can be wrong with a token.
//!
//! A [`LexError`] holds kind, line and the text at fault; the words are put together at the edge
//! by [`Malformed::write`]. It knows no chunk name, so the position in front is added by the parser.

use crate::decimal::decimal;
use crate::meter::{Meter, OutOfMemory};

/// Why there is no next token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LexError {
    /// The source is at fault.
    Malformed(Malformed),
    /// There is no memory left for the token.
    OutOfMemory,
}

impl From<OutOfMemory> for LexError {
    fn from(_: OutOfMemory) -> LexError {
        LexError::OutOfMemory
    }
}

/// A malformed token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong.
    pub kind: LexErrorKind,
    /// The line reached when it was found.
    pub line: u32,
    /// Where the token begins.
    pub start: u32,
    /// The token as far as it was read; `None` when the source ended too early.
    pub near: Option<Vec<u8>>,
}

/// Where a message says the error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Near {
    /// At the text read so far.
    Text,
    /// At the end of the source.
    End,
}

/// What may be wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LexErrorKind {
    /// A quoted string ends with the line or the source.
    UnfinishedString,
    /// A long string ends with the source.
    UnfinishedLongString {
        /// The line of its opening bracket.
        start_line: u32,
    },
    /// A long comment ends with the source.
    UnfinishedLongComment {
        /// The line of its opening bracket.
        start_line: u32,
    },
    /// `[=` without a second bracket.
    InvalidLongDelimiter,
    /// A backslash before something that is no escape.
    InvalidEscape,
    /// `\ddd` above 255.
    DecimalTooLarge,
    /// Something else where `\x` or `\u{` wants a digit.
    HexDigitExpected,
    /// `\u` without its `{`.
    MissingOpeningBrace,
    /// `\u{XXX` without its `}`.
    MissingClosingBrace,
    /// `\u{XXX}` of 2^31 or more.
    Utf8TooLarge,
    /// Digits and letters that are no number.
    MalformedNumber,
}

impl LexErrorKind {
    /// The message, and the line to append in `(starting at line N)`.
    fn words(self) -> (&'static str, Option<u32>) {
        match self {
            LexErrorKind::UnfinishedString => ("unfinished string", None),
            LexErrorKind::UnfinishedLongString { start_line } => {
                ("unfinished long string", Some(start_line))
            }
            LexErrorKind::UnfinishedLongComment { start_line } => {
                ("unfinished long comment", Some(start_line))
            }
            LexErrorKind::InvalidLongDelimiter => ("invalid long string delimiter", None),
            LexErrorKind::InvalidEscape => ("invalid escape sequence", None),
            LexErrorKind::DecimalTooLarge => ("decimal escape too large", None),
            LexErrorKind::HexDigitExpected => ("hexadecimal digit expected", None),
            LexErrorKind::MissingOpeningBrace => ("missing '{'", None),
            LexErrorKind::MissingClosingBrace => ("missing '}'", None),
            LexErrorKind::Utf8TooLarge => ("UTF-8 value too large", None),
            LexErrorKind::MalformedNumber => ("malformed number", None),
        }
    }
}

impl Malformed {
    /// Appends the message without the position: `malformed number near '0x'`.
    #[cold]
    pub fn write(&self, out: &mut Vec<u8>, meter: &mut Meter) -> Result<(), OutOfMemory> {
        let (words, start_line) = self.kind.words();
        meter.extend(out, words.as_bytes())?;
        if let Some(line) = start_line {
            meter.extend(out, b" (starting at line ")?;
            meter.extend(out, decimal(&mut [0; 24], line.into()))?;
            meter.extend(out, b")")?;
        }
        match &self.near {
            Some(text) => {
                meter.extend(out, b" near '")?;
                meter.extend(out, until_nul(text))?;
                meter.extend(out, b"'")
            }
            None => meter.extend(out, b" near <eof>"),
        }
    }
}

/// The part of `text` that messages show: they end at the first NUL, as C strings do.
pub fn until_nul(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}
