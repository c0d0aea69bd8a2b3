//! The token list: every token of Lua, declared once.
//!
//! From this list come the automaton that finds tokens, the tables that spare most tokens the way through
//! it, and their text in messages. It is not where names, strings and numerals are read: only their
//! beginnings are found here, and [`Lexer`](crate::Lexer) goes on by hand. (An automaton that knows the
//! reserved words takes 7 KB more, and is slower than a table of letters.) Blanks, newlines and comments are
//! no tokens; the automaton skips them and counts lines on the way.

use crate::cursor::{Cursor, byte};
use crate::error::LexErrorKind;
use crate::long;
use logos::Logos;

/// One token and its place.
///
/// The order of the fields keeps compilers from copying two at once right after each was written, which
/// processors do slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Token {
    /// Offset just past its last byte.
    pub end: u32,
    /// What it is.
    pub kind: TokenKind,
    /// Offset of its first byte.
    pub start: u32,
    /// The line it ends on, counted from 1.
    pub line: u32,
}

impl Token {
    /// Before the first token of a source.
    pub const START: Token = Token {
        kind: TokenKind::Eos,
        start: 0,
        end: 0,
        line: 1,
    };
}

/// Declares [`TokenKind`]: `words` are the names that are reserved, `signs` are found as they are spelled,
/// `open` tokens are found by a pattern and have a name for messages.
macro_rules! tokens {
    (
        words { $($(#[$word_doc:meta])* $word:ident $letters:tt,)* }
        signs { $($(#[$sign_doc:meta])* $sign:ident $spelling:tt,)* }
        open { $($(#[$open_doc:meta])* $open:ident $name:tt ($($pattern:tt)*),)* }
    ) => {
        /// The kinds of token (manual, section 3.1).
        #[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
        #[logos(utf8 = false, extras = Lines, error = UnfinishedComment)]
        #[logos(skip(r"[ \t\x0B\x0C]+"))]
        #[logos(skip(r"\n\r?|\r\n?", count_line))]
        #[logos(skip("--", skip_comment))]
        pub enum TokenKind {
            $($(#[$word_doc])* $word,)*
            $($(#[$sign_doc])* #[token($spelling)] $sign,)*
            $($(#[$open_doc])* $($pattern)* $open,)*
        }

        impl TokenKind {
            /// All kinds, in the order of their declaration.
            pub const ALL: &[TokenKind] = &[
                $(TokenKind::$word,)* $(TokenKind::$sign,)* $(TokenKind::$open,)*
            ];

            /// All reserved words.
            const WORDS: &[TokenKind] = &[$(TokenKind::$word,)*];

            /// All signs.
            const SIGNS: &[TokenKind] = &[$(TokenKind::$sign,)*];

            /// The token as it is spelled, or for a class of tokens its name in angle brackets.
            pub const fn text(self) -> &'static str {
                match self {
                    $(TokenKind::$word => $letters,)*
                    $(TokenKind::$sign => $spelling,)*
                    $(TokenKind::$open => $name,)*
                }
            }

            /// Whether the token is always spelled the same.
            pub fn is_fixed(self) -> bool {
                match self {
                    $(TokenKind::$word => true,)*
                    $(TokenKind::$sign => true,)*
                    $(TokenKind::$open => false,)*
                }
            }
        }
    };
}

tokens! {
    words {
        /// `and`
        And "and",
        /// `break`
        Break "break",
        /// `do`
        Do "do",
        /// `else`
        Else "else",
        /// `elseif`
        Elseif "elseif",
        /// `end`
        End "end",
        /// `false`
        False "false",
        /// `for`
        For "for",
        /// `function`
        Function "function",
        /// `goto`
        Goto "goto",
        /// `if`
        If "if",
        /// `in`
        In "in",
        /// `local`
        Local "local",
        /// `nil`
        Nil "nil",
        /// `not`
        Not "not",
        /// `or`
        Or "or",
        /// `repeat`
        Repeat "repeat",
        /// `return`
        Return "return",
        /// `then`
        Then "then",
        /// `true`
        True "true",
        /// `until`
        Until "until",
        /// `while`
        While "while",
    }
    signs {
        /// `+`
        Plus "+",
        /// `-`
        Minus "-",
        /// `*`
        Star "*",
        /// `/`
        Slash "/",
        /// `//`
        DoubleSlash "//",
        /// `%`
        Percent "%",
        /// `^`
        Caret "^",
        /// `#`
        Hash "#",
        /// `&`
        Ampersand "&",
        /// `~`
        Tilde "~",
        /// `|`
        Bar "|",
        /// `<<`
        ShiftLeft "<<",
        /// `>>`
        ShiftRight ">>",
        /// `==`
        Equal "==",
        /// `~=`
        NotEqual "~=",
        /// `<=`
        LessEqual "<=",
        /// `>=`
        GreaterEqual ">=",
        /// `<`
        Less "<",
        /// `>`
        Greater ">",
        /// `=`
        Assign "=",
        /// `(`
        LeftParen "(",
        /// `)`
        RightParen ")",
        /// `{`
        LeftBrace "{",
        /// `}`
        RightBrace "}",
        /// `[`
        LeftBracket "[",
        /// `]`
        RightBracket "]",
        /// `;`
        Semicolon ";",
        /// `:`
        Colon ":",
        /// `::`
        DoubleColon "::",
        /// `,`
        Comma ",",
        /// `.`
        Dot ".",
        /// `..`
        Concat "..",
        /// `...`
        Dots "...",
    }
    open {
        /// A name that is not reserved. The pattern finds its first letter, and that of reserved words.
        Name "<name>" (#[regex("[A-Za-z_]")]),
        /// An integer or float numeral; [`Lexer::number`](crate::Lexer::number) has its value.
        Number "<number>" (#[regex(r"\.?[0-9]")]),
        /// A string literal; [`Lexer::string`](crate::Lexer::string) has its bytes. The pattern finds
        /// its opening; `[=` without a second bracket is reported where strings are read.
        String "<string>" (#[regex("[\"']")] #[regex(r"\[=*\[")] #[regex(r"\[=+")]),
        /// A byte that begins no token. It is for the grammar to reject it.
        Stray "<stray>" (#[regex(b"[\x00-\xFF]", priority = 0)]),
        /// The end of the source; the automaton never gives it, [`Lexer`](crate::Lexer) does.
        Eos "<eof>" (),
    }
}

impl TokenKind {
    /// The token that the whole name `source[start..end]` is.
    #[inline(always)]
    pub(crate) fn of_name(source: &[u8], start: usize, end: usize) -> TokenKind {
        let len = end - start;
        if !(2..=MAX_WORD).contains(&len) {
            return TokenKind::Name;
        }
        let letters = match source
            .get(start..start + MAX_WORD)
            .and_then(<[u8]>::first_chunk)
        {
            Some(chunk) => u64::from_le_bytes(*chunk) & u64::MAX >> (8 * (MAX_WORD - len)),
            None => letters(source.get(start..end).unwrap_or_default()),
        };
        match WORD_SLOTS.get(word_slot(letters, len)) {
            Some(&(word, kind)) if word == letters => kind,
            _ => TokenKind::Name,
        }
    }
}

/// The longest reserved word.
const MAX_WORD: usize = 8;

/// A short name as a number: its first letter is the lowest byte.
const fn letters(name: &[u8]) -> u64 {
    let (mut letters, mut n) = (0, 0);
    while n < name.len() && n < MAX_WORD {
        letters |= (name[n] as u64) << (8 * n);
        n += 1;
    }
    letters
}

/// Where a reserved word is among [`WORD_SLOTS`], by its first and last letter.
const fn word_slot(letters: u64, len: usize) -> usize {
    let (first, last) = (letters as u8, (letters >> (8 * (len - 1))) as u8);
    (first as usize * 7 + last as usize) % WORD_SLOTS_LEN
}

const WORD_SLOTS_LEN: usize = 64;

/// The reserved words, each in a slot of its own; the other slots hold no letters.
static WORD_SLOTS: [(u64, TokenKind); WORD_SLOTS_LEN] = {
    let mut slots = [(0, TokenKind::Name); WORD_SLOTS_LEN];
    let mut n = 0;
    while n < TokenKind::WORDS.len() {
        let word = TokenKind::WORDS[n];
        let text = word.text().as_bytes();
        assert!(text.len() >= 2 && text.len() <= MAX_WORD);
        let slot = word_slot(letters(text), text.len());
        assert!(
            slots[slot].0 == 0,
            "two words have one slot: word_slot has to tell them apart"
        );
        slots[slot] = (letters(text), word);
        n += 1;
    }
    slots
};

/// What the first byte of a token, or of what is between tokens, tells.
#[derive(Clone, Copy, Debug)]
pub(crate) enum First {
    /// White space within a line.
    Blank,
    /// A newline, perhaps of two bytes.
    Newline,
    /// A name or a reserved word.
    Letter,
    /// A numeral.
    Digit,
    /// A quoted string.
    Quote,
    /// This sign, whatever follows.
    Sign(TokenKind),
    /// This sign, unless the next byte [`joins`] it.
    Shortest(TokenKind),
    /// Only the automaton knows.
    Other,
}

impl First {
    /// What a token that begins with `byte` may be.
    #[inline(always)]
    pub(crate) fn of(byte: u8) -> First {
        FIRST[byte as usize]
    }

    const fn new(byte: u8) -> First {
        if byte::is(byte, byte::BLANK) {
            return First::Blank;
        }
        if byte::is(byte, byte::LETTER) {
            return First::Letter;
        }
        match byte {
            b'\n' | b'\r' => return First::Newline,
            b'0'..=b'9' => return First::Digit,
            b'"' | b'\'' => return First::Quote,
            _ => {}
        }
        // `-` may begin a comment, and `[` a long string.
        let (mut found, mut goes_on) = (First::Other, matches!(byte, b'-' | b'['));
        let mut n = 0;
        while n < TokenKind::SIGNS.len() {
            let text = TokenKind::SIGNS[n].text().as_bytes();
            if text[0] == byte {
                if text.len() == 1 {
                    found = First::Shortest(TokenKind::SIGNS[n]);
                } else {
                    goes_on = true;
                    assert!(joins(text[1]), "joins has to know all second bytes");
                }
            }
            n += 1;
        }
        match found {
            First::Shortest(kind) if !goes_on => First::Sign(kind),
            found => found,
        }
    }
}

static FIRST: [First; 256] = {
    let mut table = [First::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = First::new(byte as u8);
        byte += 1;
    }
    table
};

/// Whether a sign may go on with `byte`, or be the beginning of something else than a sign.
#[inline(always)]
pub(crate) const fn joins(byte: u8) -> bool {
    matches!(
        byte,
        b'-' | b'.' | b'/' | b'0'..=b'9' | b':' | b'<' | b'=' | b'>' | b'['
    )
}

/// The line counter that rides along with the automaton.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// The line of the next byte, counted from 1.
    pub line: u32,
}

/// The only error of the automaton: a long comment without an end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnfinishedComment {
    /// Where it starts.
    pub start_line: u32,
}

impl UnfinishedComment {
    /// The error as the lexer reports it.
    pub fn kind(&self) -> LexErrorKind {
        LexErrorKind::UnfinishedLongComment {
            start_line: self.start_line,
        }
    }
}

fn count_line(automaton: &mut logos::Lexer<'_, TokenKind>) {
    automaton.extras.line = automaton.extras.line.saturating_add(1);
}

/// Skips a comment of either form; `--` has been read.
fn skip_comment(automaton: &mut logos::Lexer<'_, TokenKind>) -> Result<(), UnfinishedComment> {
    let mut cursor = Cursor::new(automaton.remainder(), automaton.extras.line);
    let finished = match long::skip_opening(&mut cursor) {
        Some(level) => long::skip(&mut cursor, level),
        None => {
            cursor.skip_line();
            true
        }
    };
    let start_line = automaton.extras.line;
    automaton.extras.line = cursor.line();
    automaton.bump(cursor.offset());
    if finished {
        Ok(())
    } else {
        Err(UnfinishedComment { start_line })
    }
}
