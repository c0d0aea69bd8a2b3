//! A reading place in the source, for what is read by hand.
//!
//! It counts lines, and treats the end of the source as the absence of a byte. It is not the lexer:
//! it knows no tokens.
//!
//! Invariant: `at <= bytes.len()`.

/// A place in `bytes`, with its line.
#[derive(Debug)]
pub(crate) struct Cursor<'s> {
    bytes: &'s [u8],
    at: usize,
    line: u32,
}

impl<'s> Cursor<'s> {
    /// The beginning of `bytes`, which is on `line`.
    pub fn new(bytes: &'s [u8], line: u32) -> Cursor<'s> {
        Cursor { bytes, at: 0, line }
    }

    /// How many bytes have been read.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The line of the next byte.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The bytes not yet read.
    pub fn rest(&self) -> &'s [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next byte, unless the source ends here.
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Steps over the next byte, which must not be a newline for the line count to stay right.
    pub fn advance(&mut self) {
        if self.at < self.bytes.len() {
            self.at += 1;
        }
    }

    /// Steps over the next byte if it is `byte`.
    pub fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    /// Steps over one newline, written as `\n`, `\r`, `\r\n` or `\n\r`.
    pub fn advance_line(&mut self) {
        let first = self.peek();
        self.advance();
        match (first, self.peek()) {
            (Some(b'\r'), Some(b'\n')) | (Some(b'\n'), Some(b'\r')) => self.advance(),
            _ => {}
        }
        self.line = self.line.saturating_add(1);
    }

    /// Steps over all bytes before the first that `stops`, and gives them.
    pub fn take_until(&mut self, stops: impl Fn(u8) -> bool) -> &'s [u8] {
        let rest = self.rest();
        let len = rest
            .iter()
            .position(|&byte| stops(byte))
            .unwrap_or(rest.len());
        self.at += len;
        rest.get(..len).unwrap_or_default()
    }

    /// Steps to the end of the line, not over the newline.
    pub fn skip_line(&mut self) {
        self.take_until(is_newline);
    }
}

/// Classes of bytes.
pub(crate) mod byte {
    /// White space within a line.
    pub const BLANK: u8 = 1;
    /// The first byte of a name.
    pub const LETTER: u8 = 2;
    /// Any byte of a name.
    pub const NAME: u8 = 4;

    /// Whether `byte` is of that class.
    #[inline(always)]
    pub const fn is(byte: u8, class: u8) -> bool {
        CLASSES[byte as usize] & class != 0
    }

    static CLASSES: [u8; 256] = {
        let mut classes = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            classes[byte] = match byte as u8 {
                b' ' | b'\t' | 0x0B | 0x0C => BLANK,
                b'A'..=b'Z' | b'a'..=b'z' | b'_' => LETTER | NAME,
                b'0'..=b'9' => NAME,
                _ => 0,
            };
            byte += 1;
        }
        classes
    };
}

/// Whether `byte` is part of a newline.
pub(crate) fn is_newline(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Whether Lua counts `byte` as white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}
