//! The lexer: a table of first bytes, the automaton of the token list, and the readers of strings and
//! numerals behind them.
//!
//! The payload of a token (bytes of a string, value of a numeral) belongs to the token last given;
//! the next one may overwrite it. A name needs none: it is a slice of the source.

use crate::cursor::{Cursor, byte, is_newline};
use crate::decimal::decimal;
use crate::error::{LexError, LexErrorKind, Malformed, Near, until_nul};
use crate::long;
use crate::meter::{Meter, OutOfMemory};
use crate::numeral::{self, Number, parse_number};
use crate::string::{self, StringError};
use crate::token::{First, Lines, Token, TokenKind, joins};

/// Walks a source and gives its tokens.
#[derive(Debug)]
pub struct Lexer<'s> {
    source: &'s [u8],
    /// How many bytes of it have been read.
    at: usize,
    /// The line of the next byte.
    line: u32,
    /// The last string with its delimiters as it stands in the source, if it has no escapes.
    plain: Option<&'s [u8]>,
    /// Any other last string with its delimiters, escapes replaced.
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

/// Decimal numerals of up to this many digits fit an integer.
const SURE_DIGITS: usize = 18;

impl<'s> Lexer<'s> {
    /// A lexer at the beginning of `source`.
    pub fn new(source: &'s [u8]) -> Lexer<'s> {
        Lexer::at(source, 0, 1)
    }

    /// A lexer at `offset`, which is on `line` and between two tokens.
    pub fn at(source: &'s [u8], offset: u32, line: u32) -> Lexer<'s> {
        Lexer {
            source,
            at: usize::try_from(offset)
                .unwrap_or(usize::MAX)
                .min(source.len()),
            line,
            plain: None,
            text: Vec::new(),
            delimiter_len: 0,
            number: Number::Integer(0),
            error: LexError::OutOfMemory,
        }
    }

    /// The next token; at the end of the source always [`TokenKind::Eos`].
    pub fn next(&mut self, meter: &mut Meter) -> Result<Token, LexError> {
        let mut token = Token::START;
        match self.advance_again(&mut token, meter) {
            Ok(()) => Ok(token),
            Err(Failed) => Err(self.take_error()),
        }
    }

    /// As [`Lexer::next`], with the token written in its place and the error kept: a small result is passed
    /// on faster.
    ///
    /// Blanks, names and signs that cannot go on are found by a table of first bytes; the automaton finds
    /// the rest.
    #[inline(always)]
    pub fn advance(&mut self, token: &mut Token, meter: &mut Meter) -> Result<(), Failed> {
        let source = self.source;
        let mut at = self.at;
        // Before most tokens there is one space: it is passed without asking the table.
        while source.get(at) == Some(&b' ') {
            at += 1;
        }
        while let Some(&first) = source.get(at) {
            match First::of(first) {
                First::Blank => at += 1,
                First::Newline => {
                    let next = source.get(at + 1).copied().unwrap_or(first);
                    at += if next != first && is_newline(next) {
                        2
                    } else {
                        1
                    };
                    self.line = self.line.saturating_add(1);
                }
                First::Letter => {
                    let mut end = at + 1;
                    while source
                        .get(end)
                        .is_some_and(|&next| byte::is(next, byte::NAME))
                    {
                        end += 1;
                    }
                    token.kind = TokenKind::of_name(source, at, end);
                    return self.place(token, at, end);
                }
                First::Sign(kind) => {
                    token.kind = kind;
                    return self.place(token, at, at + 1);
                }
                First::Shortest(kind) if !source.get(at + 1).is_some_and(|&next| joins(next)) => {
                    token.kind = kind;
                    return self.place(token, at, at + 1);
                }
                First::Shortest(_) | First::Digit | First::Quote | First::Other => break,
            }
        }
        self.at = at;
        self.advance_slow(token, meter)
    }

    /// Notes that the token just found is `source[start..end]`.
    #[inline(always)]
    fn place(&mut self, token: &mut Token, start: usize, end: usize) -> Result<(), Failed> {
        self.at = end;
        token.line = self.line;
        let Ok(end) = u32::try_from(end) else {
            return self.fail(LexError::OutOfMemory);
        };
        token.start = start as u32;
        token.end = end;
        Ok(())
    }

    /// The same for a token that does not begin with a letter or a plain sign.
    #[inline(never)]
    fn advance_slow(&mut self, token: &mut Token, meter: &mut Meter) -> Result<(), Failed> {
        let start = self.at;
        let read = match self.source.get(start).map(|&first| First::of(first)) {
            Some(First::Quote) => {
                token.kind = TokenKind::String;
                self.read_string(start, start + 1, meter)
            }
            Some(First::Digit) => {
                token.kind = TokenKind::Number;
                self.read_number(start, start + 1, meter)
            }
            _ => return self.advance_by_automaton(token, meter),
        };
        match read {
            Ok(()) => self.place(token, start, self.at),
            Err(error) => self.fail(error),
        }
    }

    fn advance_by_automaton(&mut self, token: &mut Token, meter: &mut Meter) -> Result<(), Failed> {
        let mut automaton = logos::Lexer::with_extras(self.source, Lines { line: self.line });
        automaton.bump(self.at);
        let found: Option<Result<TokenKind, _>> = automaton.next();
        let span = automaton.span();
        self.line = automaton.extras.line;
        self.at = span.end;
        token.kind = match found {
            Some(Ok(TokenKind::Name)) => {
                // It stands behind a comment.
                self.at = span.start;
                return self.advance_again(token, meter);
            }
            Some(Ok(kind @ (TokenKind::String | TokenKind::Number))) => {
                let read = match kind {
                    TokenKind::String => self.read_string(span.start, span.end, meter),
                    _ => self.read_number(span.start, span.end, meter),
                };
                if let Err(error) = read {
                    return self.fail(error);
                }
                kind
            }
            Some(Ok(kind)) => kind,
            Some(Err(comment)) => {
                let error = self.malformed(span.start, comment.kind(), Near::End);
                return self.fail(error);
            }
            None => {
                token.kind = TokenKind::Eos;
                return self.place(token, span.end, span.end);
            }
        };
        self.place(token, span.start, self.at)
    }

    #[inline(never)]
    fn advance_again(&mut self, token: &mut Token, meter: &mut Meter) -> Result<(), Failed> {
        self.advance(token, meter)
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
        self.source.get(range).unwrap_or_default()
    }

    /// The bytes of the last string, if it was the last token with a payload.
    pub fn string(&self) -> &[u8] {
        let text = self.delimited();
        let end = text.len().saturating_sub(self.delimiter_len);
        text.get(self.delimiter_len..end).unwrap_or_default()
    }

    /// The last string with its delimiters.
    fn delimited(&self) -> &[u8] {
        self.plain.unwrap_or(&self.text)
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
            TokenKind::String => until_nul(self.delimited()),
            TokenKind::Stray => match self.slice(&token) {
                [0] | [] => return Ok(()),
                &[byte] if !(b' '..=b'~').contains(&byte) => {
                    let mut digits = [0; 24];
                    stray = [b"<\\", decimal(&mut digits, byte.into()), b">"].concat();
                    &stray
                }
                printable => printable,
            },
            fixed => fixed.text().as_bytes(),
        };
        meter.extend(out, b" near '")?;
        meter.extend(out, shown)?;
        meter.extend(out, b"'")
    }

    /// Reads a string whose opening is `source[start..at]`.
    fn read_string(&mut self, start: usize, at: usize, meter: &mut Meter) -> Result<(), LexError> {
        let source = self.source;
        let opening = source.get(start..at).unwrap_or_default();
        let rest = source.get(at..).unwrap_or_default();
        self.delimiter_len = opening.len();
        if let &[quote @ (b'"' | b'\'')] = opening {
            let special = |&byte: &u8| byte == quote || byte == b'\\' || is_newline(byte);
            if let Some(len) = rest.iter().position(special)
                && rest.get(len) == Some(&quote)
            {
                self.at = at + len + 1;
                self.plain = source.get(start..self.at);
                return Ok(());
            }
        }
        self.plain = None;
        self.text.clear();
        meter.extend(&mut self.text, opening)?;
        let start_line = self.line;
        let mut cursor = Cursor::new(rest, start_line);
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
        self.line = cursor.line();
        self.at = at + cursor.offset();
        match outcome {
            Ok(()) => Ok(()),
            Err(StringError::OutOfMemory) => Err(LexError::OutOfMemory),
            Err(StringError::Malformed(kind, near)) => Err(self.malformed(start, kind, near)),
        }
    }

    /// Reads a numeral that begins with `source[start..at]`, a digit or a point and a digit.
    fn read_number(&mut self, start: usize, at: usize, meter: &mut Meter) -> Result<(), LexError> {
        let source = self.source;
        let text = source.get(start..).unwrap_or_default();
        // Most numerals are a few digits and nothing else.
        let (mut value, mut len) = (0, 0);
        while let Some(digit @ b'0'..=b'9') = text.get(len)
            && len < SURE_DIGITS
        {
            value = value * 10 + i64::from(digit - b'0');
            len += 1;
        }
        let goes_on = |&next: &u8| next == b'.' || byte::is(next, byte::NAME);
        if len > 0 && !text.get(len).is_some_and(goes_on) {
            self.number = Number::Integer(value);
            self.at = start + len;
            return Ok(());
        }
        let first = source.get(start..at).unwrap_or_default();
        self.at = at + numeral::rest_len(first, source.get(at..).unwrap_or_default());
        let text = source.get(start..self.at).unwrap_or_default();
        match parse_number(text) {
            Some(number) => {
                self.number = number;
                Ok(())
            }
            None => {
                self.text.clear();
                meter.extend(&mut self.text, text)?;
                Err(self.malformed(start, LexErrorKind::MalformedNumber, Near::Text))
            }
        }
    }

    #[cold]
    fn malformed(&mut self, start: usize, kind: LexErrorKind, near: Near) -> LexError {
        let near = match near {
            Near::Text => Some(std::mem::take(&mut self.text)),
            Near::End => None,
        };
        LexError::Malformed(Malformed {
            kind,
            line: self.line,
            start: u32::try_from(start).unwrap_or(u32::MAX),
            near,
        })
    }
}
