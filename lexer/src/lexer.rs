//! The lexer: the automaton of the token list, with the readers of strings and numerals behind it.
//!
//! The payload of a token (bytes of a string, value of a numeral) belongs to the token last given;
//! the next one may overwrite it. A name needs none: it is a slice of the source.

use crate::cursor::{Cursor, byte};
use crate::error::{LexError, LexErrorKind, Malformed, Near, until_nul};
use crate::long;
use crate::meter::{Meter, OutOfMemory};
use crate::numeral::{self, Number, parse_number};
use crate::string::{self, StringError};
use crate::token::{Lines, Token, TokenKind};

/// Walks a source and gives its tokens.
#[derive(Debug)]
pub struct Lexer<'s> {
    automaton: logos::Lexer<'s, TokenKind>,
    /// The last string with its delimiters, escapes replaced.
    text: Vec<u8>,
    /// Length of either delimiter of that string.
    delimiter_len: usize,
    /// The last numeral.
    number: Number,
    /// Why `advance` failed.
    error: LexError,
}

/// There is no next token; [`Lexer::take_error`] says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

impl<'s> Lexer<'s> {
    /// A lexer at the beginning of `source`.
    pub fn new(source: &'s [u8]) -> Lexer<'s> {
        Lexer::at(source, 0, 1)
    }

    /// A lexer at `offset`, which is on `line` and between two tokens.
    pub fn at(source: &'s [u8], offset: u32, line: u32) -> Lexer<'s> {
        let mut automaton = logos::Lexer::with_extras(source, Lines { line });
        automaton.bump(
            usize::try_from(offset)
                .unwrap_or(usize::MAX)
                .min(source.len()),
        );
        Lexer {
            automaton,
            text: Vec::new(),
            delimiter_len: 0,
            number: Number::Integer(0),
            error: LexError::OutOfMemory,
        }
    }

    /// The next token; at the end of the source always [`TokenKind::Eos`].
    pub fn next(&mut self, meter: &mut Meter) -> Result<Token, LexError> {
        let mut token = Token::START;
        match self.advance(&mut token, meter) {
            Ok(()) => Ok(token),
            Err(Failed) => Err(self.take_error()),
        }
    }

    /// As [`Lexer::next`], with the token written in its place and the error kept: a small result is passed
    /// on faster.
    ///
    /// Half of all tokens are names behind blanks. They are found by a table of bytes; the automaton finds
    /// the rest.
    #[inline]
    pub fn advance(&mut self, token: &mut Token, meter: &mut Meter) -> Result<(), Failed> {
        let rest = self.automaton.remainder();
        let n_blanks = count(rest, byte::BLANK);
        let rest = rest.get(n_blanks..).unwrap_or_default();
        if !rest
            .first()
            .is_some_and(|&first| byte::is(first, byte::LETTER))
        {
            self.automaton.bump(n_blanks);
            return self.advance_by_automaton(token, meter);
        }
        let len = count(rest, byte::NAME);
        let end = self.automaton.span().end + n_blanks + len;
        self.automaton.bump(n_blanks + len);
        token.kind = TokenKind::of_name(rest.get(..len).unwrap_or_default());
        token.line = self.automaton.extras.line;
        self.place(token, end - len, end)
    }

    #[inline]
    fn place(&mut self, token: &mut Token, start: usize, end: usize) -> Result<(), Failed> {
        let Ok(end) = u32::try_from(end) else {
            return self.fail(LexError::OutOfMemory);
        };
        token.start = start as u32;
        token.end = end;
        Ok(())
    }

    fn advance_by_automaton(&mut self, token: &mut Token, meter: &mut Meter) -> Result<(), Failed> {
        token.kind = match self.automaton.next() {
            Some(Ok(TokenKind::Name)) => {
                let more = count(self.automaton.remainder(), byte::NAME);
                self.automaton.bump(more);
                TokenKind::of_name(self.automaton.slice())
            }
            Some(Ok(kind @ (TokenKind::String | TokenKind::Number))) => {
                let read = match kind {
                    TokenKind::String => self.read_string(meter),
                    _ => self.read_number(meter),
                };
                if let Err(error) = read {
                    return self.fail(error);
                }
                kind
            }
            Some(Ok(kind)) => kind,
            Some(Err(comment)) => {
                let error = self.malformed(comment.kind(), Near::End);
                return self.fail(error);
            }
            None => TokenKind::Eos,
        };
        token.line = self.automaton.extras.line;
        let span = self.automaton.span();
        self.place(token, span.start, span.end)
    }

    /// Why [`Lexer::advance`] failed.
    #[cold]
    pub fn take_error(&mut self) -> LexError {
        std::mem::replace(&mut self.error, LexError::OutOfMemory)
    }

    #[cold]
    fn fail<T>(&mut self, error: LexError) -> Result<T, Failed> {
        self.error = error;
        Err(Failed)
    }

    /// The source text of a token.
    pub fn slice(&self, token: &Token) -> &'s [u8] {
        let range = token.start as usize..token.end as usize;
        self.automaton.source().get(range).unwrap_or_default()
    }

    /// The bytes of the last string, if it was the last token with a payload.
    pub fn string(&self) -> &[u8] {
        let end = self.text.len().saturating_sub(self.delimiter_len);
        self.text.get(self.delimiter_len..end).unwrap_or_default()
    }

    /// The value of the last numeral.
    pub fn number(&self) -> Number {
        self.number
    }

    /// Appends the `near` part of a message about `token`, which must be the last one given if it is
    /// a string. A NUL byte has no such part.
    #[cold]
    pub fn write_near(
        &self,
        token: Token,
        out: &mut Vec<u8>,
        meter: &mut Meter,
    ) -> Result<(), OutOfMemory> {
        let stray;
        let shown = match token.kind {
            TokenKind::Eos => return meter.extend(out, b" near <eof>"),
            TokenKind::Name | TokenKind::Number => self.slice(&token),
            TokenKind::String => until_nul(&self.text),
            TokenKind::Stray => match self.slice(&token) {
                [0] | [] => return Ok(()),
                &[byte] if !(b' '..=b'~').contains(&byte) => {
                    stray = format!("<\\{byte}>");
                    stray.as_bytes()
                }
                printable => printable,
            },
            fixed => fixed.text().as_bytes(),
        };
        meter.extend(out, b" near '")?;
        meter.extend(out, shown)?;
        meter.extend(out, b"'")
    }

    /// Reads a string whose opening the automaton has found.
    fn read_string(&mut self, meter: &mut Meter) -> Result<(), LexError> {
        let opening = self.automaton.slice();
        let start_line = self.automaton.extras.line;
        self.text.clear();
        meter.extend(&mut self.text, opening)?;
        self.delimiter_len = opening.len();
        let mut cursor = Cursor::new(self.automaton.remainder(), start_line);
        let outcome = match opening {
            [b'[', .., b'['] => {
                match long::read(&mut cursor, opening.len() - 2, &mut self.text, meter) {
                    Ok(true) => Ok(()),
                    Ok(false) => Err(StringError::Malformed(
                        LexErrorKind::UnfinishedLongString { start_line },
                        Near::End,
                    )),
                    Err(OutOfMemory) => Err(StringError::OutOfMemory),
                }
            }
            [b'[', ..] => Err(StringError::Malformed(
                LexErrorKind::InvalidLongDelimiter,
                Near::Text,
            )),
            [quote, ..] => string::read(&mut cursor, *quote, &mut self.text, meter),
            [] => Ok(()),
        };
        self.automaton.extras.line = cursor.line();
        self.automaton.bump(cursor.offset());
        match outcome {
            Ok(()) => Ok(()),
            Err(StringError::OutOfMemory) => Err(LexError::OutOfMemory),
            Err(StringError::Malformed(kind, near)) => Err(self.malformed(kind, near)),
        }
    }

    /// Reads a numeral whose first digit the automaton has found.
    fn read_number(&mut self, meter: &mut Meter) -> Result<(), LexError> {
        let first = self.automaton.slice();
        let more = numeral::rest_len(first, self.automaton.remainder());
        self.automaton.bump(more);
        let text = self.automaton.slice();
        match parse_number(text) {
            Some(number) => {
                self.number = number;
                Ok(())
            }
            None => {
                self.text.clear();
                meter.extend(&mut self.text, text)?;
                Err(self.malformed(LexErrorKind::MalformedNumber, Near::Text))
            }
        }
    }

    #[cold]
    fn malformed(&mut self, kind: LexErrorKind, near: Near) -> LexError {
        let near = match near {
            Near::Text => Some(std::mem::take(&mut self.text)),
            Near::End => None,
        };
        LexError::Malformed(Malformed {
            kind,
            line: self.automaton.extras.line,
            start: u32::try_from(self.automaton.span().start).unwrap_or(u32::MAX),
            near,
        })
    }
}

/// How many bytes at the beginning of `bytes` are of that class.
#[inline]
fn count(bytes: &[u8], class: u8) -> usize {
    bytes
        .iter()
        .position(|&byte| !byte::is(byte, class))
        .unwrap_or(bytes.len())
}
