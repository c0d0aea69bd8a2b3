//! Quoted strings and their escapes (manual, section 3.1).
//!
//! The text collected is what messages show: the opening quote, the bytes so far with complete
//! escapes replaced by what they stand for, and of the escape at fault everything read of it,
//! with the byte that made it wrong. The value of the string is the text without its quotes.

use crate::cursor::{Cursor, is_newline, is_space};
use crate::error::{LexErrorKind, Near};
use crate::meter::{Meter, OutOfMemory};

/// Why a string could not be read.
pub(crate) enum StringError {
    /// It is not well formed.
    Malformed(LexErrorKind, Near),
    /// There is no memory for it.
    OutOfMemory,
}

impl From<OutOfMemory> for StringError {
    fn from(_: OutOfMemory) -> StringError {
        StringError::OutOfMemory
    }
}

type Result<T> = std::result::Result<T, StringError>;

/// Reads a string after its opening `quote` (which `text` holds already), up to and with the
/// closing one.
pub(crate) fn read(
    cursor: &mut Cursor<'_>,
    quote: u8,
    text: &mut Vec<u8>,
    meter: &mut Meter,
) -> Result<()> {
    let mut string = StringReader {
        cursor,
        text,
        meter,
    };
    loop {
        let run = string
            .cursor
            .take_until(|byte| byte == quote || byte == b'\\' || is_newline(byte));
        string.meter.extend(string.text, run)?;
        match string.cursor.peek() {
            None => return fail(LexErrorKind::UnfinishedString, Near::End),
            Some(b'\\') => string.escape()?,
            Some(byte) if byte == quote => return string.keep(byte),
            Some(_) => return fail(LexErrorKind::UnfinishedString, Near::Text),
        }
    }
}

fn fail(kind: LexErrorKind, near: Near) -> Result<()> {
    Err(StringError::Malformed(kind, near))
}

struct StringReader<'a, 's> {
    cursor: &'a mut Cursor<'s>,
    text: &'a mut Vec<u8>,
    meter: &'a mut Meter,
}

impl StringReader<'_, '_> {
    /// Appends the byte at the cursor to the text and steps over it.
    fn keep(&mut self, byte: u8) -> Result<()> {
        self.cursor.advance();
        Ok(self.meter.push(self.text, byte)?)
    }

    /// Reads one escape, from its backslash on.
    fn escape(&mut self) -> Result<()> {
        let start = self.text.len();
        self.keep(b'\\')?;
        match self.cursor.peek() {
            Some(b'a') => self.replace(start, 0x07),
            Some(b'b') => self.replace(start, 0x08),
            Some(b'f') => self.replace(start, 0x0C),
            Some(b'n') => self.replace(start, b'\n'),
            Some(b'r') => self.replace(start, b'\r'),
            Some(b't') => self.replace(start, b'\t'),
            Some(b'v') => self.replace(start, 0x0B),
            Some(byte @ (b'\\' | b'"' | b'\'')) => self.replace(start, byte),
            Some(b'x') => self.hexadecimal(start),
            Some(b'u') => self.code_point(start),
            Some(b'0'..=b'9') => self.decimal(start),
            Some(b'z') => {
                self.cursor.advance();
                self.text.truncate(start);
                self.skip_blanks();
                Ok(())
            }
            Some(byte) if is_newline(byte) => {
                self.cursor.advance_line();
                self.text.truncate(start);
                Ok(self.meter.push(self.text, b'\n')?)
            }
            // The caller finds the string unfinished.
            None => Ok(()),
            Some(_) => self.wrong(LexErrorKind::InvalidEscape),
        }
    }

    /// Puts `byte` in the place of the escape whose last letter is at the cursor.
    fn replace(&mut self, start: usize, byte: u8) -> Result<()> {
        self.cursor.advance();
        self.text.truncate(start);
        Ok(self.meter.push(self.text, byte)?)
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.cursor.peek() {
            if is_newline(byte) {
                self.cursor.advance_line();
            } else if is_space(byte) {
                self.cursor.advance();
            } else {
                break;
            }
        }
    }

    /// `\xXX`
    fn hexadecimal(&mut self, start: usize) -> Result<()> {
        self.keep(b'x')?;
        let high = self.hex_digit()?;
        let low = self.hex_digit()?;
        self.text.truncate(start);
        Ok(self.meter.push(self.text, high << 4 | low)?)
    }

    /// `\ddd`: up to three digits.
    fn decimal(&mut self, start: usize) -> Result<()> {
        let mut value: u16 = 0;
        for _ in 0..3 {
            let Some(digit @ b'0'..=b'9') = self.cursor.peek() else {
                break;
            };
            value = value * 10 + u16::from(digit - b'0');
            self.keep(digit)?;
        }
        let Ok(byte) = u8::try_from(value) else {
            return self.wrong(LexErrorKind::DecimalTooLarge);
        };
        self.text.truncate(start);
        Ok(self.meter.push(self.text, byte)?)
    }

    /// `\u{XXX}`
    fn code_point(&mut self, start: usize) -> Result<()> {
        self.keep(b'u')?;
        if self.cursor.peek() != Some(b'{') {
            return self.wrong(LexErrorKind::MissingOpeningBrace);
        }
        self.keep(b'{')?;
        let mut code = u32::from(self.hex_digit()?);
        while let Some(byte) = self.cursor.peek()
            && let Some(digit) = hex_value(byte)
        {
            if code > 0x7FFF_FFFF >> 4 {
                return self.wrong(LexErrorKind::Utf8TooLarge);
            }
            code = code << 4 | u32::from(digit);
            self.keep(byte)?;
        }
        if self.cursor.peek() != Some(b'}') {
            return self.wrong(LexErrorKind::MissingClosingBrace);
        }
        self.cursor.advance();
        self.text.truncate(start);
        Ok(push_utf8(code, self.text, self.meter)?)
    }

    /// Reads one hexadecimal digit and gives its value.
    fn hex_digit(&mut self) -> Result<u8> {
        if let Some(byte) = self.cursor.peek()
            && let Some(value) = hex_value(byte)
        {
            self.keep(byte)?;
            return Ok(value);
        }
        self.wrong(LexErrorKind::HexDigitExpected)?;
        Ok(0)
    }

    /// Fails; the message shows the byte at the cursor too.
    #[cold]
    fn wrong(&mut self, kind: LexErrorKind) -> Result<()> {
        if let Some(byte) = self.cursor.peek() {
            self.keep(byte)?;
        }
        fail(kind, Near::Text)
    }
}

/// The value of a hexadecimal digit.
pub(crate) fn hex_value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Appends `code` (below 2^31) in UTF-8 as first defined: up to six bytes.
///
/// ```text
/// one byte      0xxxxxxx
/// n bytes       n ones, a zero, the highest bits; then n-1 times 10xxxxxx
/// ```
fn push_utf8(
    code: u32,
    text: &mut Vec<u8>,
    meter: &mut Meter,
) -> std::result::Result<(), OutOfMemory> {
    if let Ok(byte @ 0..=0x7F) = u8::try_from(code) {
        return meter.push(text, byte);
    }
    // A sequence of n bytes has 6 bits in each continuation byte and 7 - n in the first.
    let mut n_more = 1;
    while code >> (6 * n_more) >= 1 << (6 - n_more) {
        n_more += 1;
    }
    let marks = 0xFFu8 << (7 - n_more);
    meter.push(text, marks | (code >> (6 * n_more)) as u8)?;
    for place in (0..n_more).rev() {
        meter.push(text, 0x80 | (code >> (6 * place)) as u8 & 0x3F)?;
    }
    Ok(())
}
