//! The token list: every token of Lua, declared once.
//!
//! From this list come the automaton that finds tokens, and their text in messages. It is not
//! where strings and numerals are read: the automaton only finds their beginnings, and
//! [`Lexer`](crate::Lexer) goes on by hand. Blanks, newlines and comments are no tokens; the
//! automaton skips them and counts lines on the way.

use crate::cursor::Cursor;
use crate::error::LexErrorKind;
use crate::long;
use logos::Logos;

/// One token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Offset of its first byte.
    pub start: u32,
    /// Offset just past its last byte.
    pub end: u32,
    /// The line it ends on, counted from 1.
    pub line: u32,
}

/// Declares [`TokenKind`]: `fixed` tokens are always spelled the same, `open` ones are found by a
/// pattern and have a name for messages.
macro_rules! tokens {
    (
        fixed { $($(#[$fixed_doc:meta])* $fixed:ident $spelling:tt,)* }
        open { $($(#[$open_doc:meta])* $open:ident $name:tt ($($pattern:tt)*),)* }
    ) => {
        /// The kinds of token (manual, section 3.1).
        #[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
        #[logos(utf8 = false, extras = Lines, error = UnfinishedComment)]
        #[logos(skip(r"[ \t\x0B\x0C]+"))]
        #[logos(skip(r"\n\r?|\r\n?", count_line))]
        #[logos(skip("--", skip_comment))]
        pub enum TokenKind {
            $($(#[$fixed_doc])* #[token($spelling)] $fixed,)*
            $($(#[$open_doc])* $($pattern)* $open,)*
        }

        impl TokenKind {
            /// All kinds, in the order of their declaration.
            pub const ALL: &[TokenKind] = &[$(TokenKind::$fixed,)* $(TokenKind::$open,)*];

            /// The token as it is spelled, or for a class of tokens its name in angle brackets.
            pub fn text(self) -> &'static str {
                match self {
                    $(TokenKind::$fixed => $spelling,)*
                    $(TokenKind::$open => $name,)*
                }
            }

            /// Whether the token is always spelled the same.
            pub fn is_fixed(self) -> bool {
                match self {
                    $(TokenKind::$fixed => true,)*
                    $(TokenKind::$open => false,)*
                }
            }
        }
    };
}

tokens! {
    fixed {
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
        /// A name that is not reserved.
        Name "<name>" (#[regex("[A-Za-z_][A-Za-z0-9_]*")]),
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
