//! Where an error is: the token after the last one compiled, as in a compiler that reads and compiles in
//! one go.
//!
//! The tree keeps the ends of expressions and statements. What has been read beyond them, a comma or an
//! opening parenthesis, is noted as a hint that is followed only when an error needs it.

use cu_lexer::{Lexer, TokenKind};
use cu_parser::ast::{Line, Pos};

use super::{Compiler, Failed, Res, message};

/// A place in the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Line of the last token of something that has been compiled.
    pub line: Line,
    /// Offset just past that token.
    pub end: Pos,
    /// What has been compiled after it.
    pub ahead: Ahead,
}

/// Tokens that have been compiled after a place of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ahead {
    /// None.
    Nothing,
    /// The next one, whatever it is.
    One,
    /// The next one if it is this.
    If(TokenKind),
    /// Empty statements.
    Semicolons,
    /// A parameter list up to and with the parameter of this index.
    Param(u32),
}

impl Compiler<'_> {
    /// An error at the token after the last one compiled, which the message shows.
    #[cold]
    pub(super) fn syntax_error<T>(&mut self, words: Vec<u8>) -> Res<T> {
        let (end, line) = self.error_place();
        let error =
            cu_parser::error_near(self.source, self.chunk_name, end, line, &words, self.meter);
        self.error = Some(error.into());
        Err(Failed)
    }

    /// An error at the token after the last one compiled, which the message does not show.
    #[cold]
    pub(super) fn semantic_error<T>(&mut self, words: Vec<u8>) -> Res<T> {
        let (end, line) = self.error_place();
        let error =
            cu_parser::error_after(self.source, self.chunk_name, end, line, &words, self.meter);
        self.error = Some(error.into());
        Err(Failed)
    }

    /// More of something than a function can have; `line` is where that function begins.
    #[cold]
    pub(super) fn limit_error<T>(&mut self, what: &[u8], limit: usize, line: Line) -> Res<T> {
        self.syntax_error(message::too_many(what, limit, line))
    }

    fn error_place(&mut self) -> (Pos, Line) {
        let Place { line, end, ahead } = self.place;
        let mut lexer = Lexer::at(self.source, end, line);
        let (mut at, mut params) = ((end, line), None);
        // The source has been parsed, so there is no error to come; if there is, the place known will do.
        while let Ok(token) = lexer.next(self.meter) {
            let (skips, is_last) = match ahead {
                Ahead::Nothing => (false, true),
                Ahead::One => (true, true),
                Ahead::If(kind) => (token.kind == kind, true),
                Ahead::Semicolons => (token.kind == TokenKind::Semicolon, false),
                Ahead::Param(n) => match params {
                    None => {
                        if token.kind == TokenKind::LeftParen {
                            params = Some(0);
                        }
                        (true, false)
                    }
                    Some(seen) => {
                        if token.kind == TokenKind::Name {
                            params = Some(seen + 1);
                        }
                        (true, seen + u32::from(token.kind == TokenKind::Name) > n)
                    }
                },
            };
            if skips {
                at = (token.end, token.line);
            }
            if is_last || !skips || token.kind == TokenKind::Eos {
                break;
            }
        }
        at
    }
}
