//! The parser's place in the source: current token, nesting level, tree under construction.
//!
//! What the grammar needs everywhere is here; the grammar itself is in `stat` and `expr`.
//!
//! Invariants:
//! - `ahead` holds a token only while a table constructor looks at a name, so the lexer's payload
//!   belongs to the current token whenever that is a string or a numeral;
//! - `level` counts the activations that PUC's parser would have on the C stack.

use crate::ast::{Block, Expr, ExprId, ExprKind, FuncId, Function, Line, Pos, Stat, StrId, Tree};
use crate::error::{Complaint, ParseError, complain, lexical};
use crate::intern::Interner;
use cu_lexer::{Lexer, Meter, OutOfMemory, Token, TokenKind};

/// How deep statements and expressions may nest.
///
/// PUC allows 200 C calls, of which loading a chunk from a script's main function uses three.
pub const MAX_LEVELS: u32 = 197;

pub(crate) type Result<T> = std::result::Result<T, ParseError>;

pub(crate) struct Parser<'s, 'm> {
    lexer: Lexer<'s>,
    chunk_name: &'s [u8],
    pub meter: &'m mut Meter,
    /// The token looked at.
    pub token: Token,
    /// Parse only what lies before this offset, and take everything that is missing there as given.
    end: Option<Pos>,
    /// That offset has been reached.
    pub at_end: bool,
    /// The token after it, if it was needed.
    ahead: Option<Token>,
    /// Line of the last token read.
    pub last_line: Line,
    /// Offset just past the last token read.
    pub last_end: Pos,
    level: u32,
    /// Whether the function being parsed takes extra arguments.
    pub in_vararg: bool,
    pub tree: Tree,
    interner: Interner,
}

/// Parses a whole chunk, or what of it lies before `end`.
pub(crate) fn chunk(
    source: &[u8],
    chunk_name: &[u8],
    end: Option<Pos>,
    meter: &mut Meter,
) -> Result<Tree> {
    let mut parser = Parser {
        lexer: Lexer::new(source),
        chunk_name,
        meter,
        token: Token {
            kind: TokenKind::Eos,
            start: 0,
            end: 0,
            line: 1,
        },
        end,
        at_end: false,
        ahead: None,
        last_line: 1,
        last_end: 0,
        level: 0,
        in_vararg: true,
        tree: Tree::default(),
        interner: Interner::default(),
    };
    parser.advance()?;
    let body = parser.statements()?;
    parser.check(TokenKind::Eos)?;
    let end_line = parser.token.line;
    parser.add_function(Function {
        params: Vec::new(),
        is_vararg: true,
        body,
        line: 0,
        end_line,
    })?;
    Ok(parser.tree)
}

impl Parser<'_, '_> {
    /// Reads the current token and looks at the next.
    pub fn advance(&mut self) -> Result<()> {
        self.last_line = self.token.line;
        self.last_end = self.token.end;
        self.token = match self.ahead.take() {
            Some(token) => token,
            None => self.lex()?,
        };
        Ok(())
    }

    /// The kind of the token after the current one.
    pub fn peek_ahead(&mut self) -> Result<TokenKind> {
        let token = match self.ahead {
            Some(token) => token,
            None => self.lex()?,
        };
        self.ahead = Some(token);
        Ok(token.kind)
    }

    fn lex(&mut self) -> Result<Token> {
        let result = self.lexer.next(self.meter);
        if let Some(end) = self.end {
            match result {
                Ok(token) if token.start < end && !self.at_end => {}
                _ => {
                    self.at_end = true;
                    return Ok(Token {
                        kind: TokenKind::Eos,
                        start: end,
                        end,
                        line: result.map_or(self.token.line, |token| token.line),
                    });
                }
            }
        }
        result.map_err(|error| lexical(self.chunk_name, error, self.meter))
    }

    /// Whether the current token is of `kind`.
    pub fn at(&self, kind: TokenKind) -> bool {
        self.token.kind == kind
    }

    /// Reads the current token if it is of `kind`.
    pub fn eat(&mut self, kind: TokenKind) -> Result<bool> {
        let found = self.at(kind);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Fails unless the current token is of `kind`.
    pub fn check(&mut self, kind: TokenKind) -> Result<()> {
        if self.at(kind) || self.at_end {
            Ok(())
        } else {
            self.fail(Complaint::Expected(kind))
        }
    }

    /// Reads a token of `kind`.
    pub fn expect(&mut self, kind: TokenKind) -> Result<()> {
        self.check(kind)?;
        self.advance()
    }

    /// Reads the token that ends what `opening` began on `line`.
    pub fn expect_closing(
        &mut self,
        closing: TokenKind,
        opening: TokenKind,
        line: Line,
    ) -> Result<()> {
        if self.at(closing) || self.at_end {
            return self.advance();
        }
        if line == self.token.line {
            return self.fail(Complaint::Expected(closing));
        }
        self.fail(Complaint::ExpectedToClose {
            closing,
            opening,
            line,
        })
    }

    /// Reads a name.
    pub fn name(&mut self) -> Result<StrId> {
        self.check(TokenKind::Name)?;
        if self.at_end {
            return self.implied_name(b"?");
        }
        let bytes = self.lexer.slice(self.token);
        let id = self
            .interner
            .intern(bytes, &mut self.tree.strings, self.meter)?;
        self.advance()?;
        Ok(id)
    }

    /// The value of the current token, a string.
    pub fn string(&mut self) -> Result<StrId> {
        let bytes = self.lexer.string();
        Ok(self
            .interner
            .intern(bytes, &mut self.tree.strings, self.meter)?)
    }

    /// The value of the current token, a numeral.
    pub fn number(&self) -> cu_lexer::Number {
        self.lexer.number()
    }

    /// The constant `bytes`, for names that the grammar adds.
    pub fn implied_name(&mut self, bytes: &[u8]) -> Result<StrId> {
        Ok(self
            .interner
            .intern(bytes, &mut self.tree.strings, self.meter)?)
    }

    /// The bytes of a name or string.
    pub fn bytes(&self, id: StrId) -> &[u8] {
        self.tree
            .strings
            .get(id.0 as usize)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// A copy of the bytes of a name or string.
    pub fn copy_bytes(&mut self, id: StrId) -> Result<Vec<u8>> {
        let mut copy = Vec::new();
        if let Some(bytes) = self.tree.strings.get(id.0 as usize) {
            self.meter.extend(&mut copy, bytes)?;
        }
        Ok(copy)
    }

    /// Goes one level deeper; whoever calls it also calls [`Parser::leave`].
    pub fn enter(&mut self) -> Result<()> {
        if self.level >= MAX_LEVELS {
            return self.fail(Complaint::StackOverflow);
        }
        self.level += 1;
        Ok(())
    }

    /// Comes back from `n_levels`.
    pub fn leave(&mut self, n_levels: u32) {
        self.level = self.level.saturating_sub(n_levels);
    }

    /// Adds an expression whose last token has just been read.
    pub fn add_expr(&mut self, kind: ExprKind) -> Result<ExprId> {
        let id = ExprId(index(self.tree.exprs.len())?);
        let expr = Expr {
            kind,
            line: self.last_line,
            end: self.last_end,
        };
        self.meter.push(&mut self.tree.exprs, expr)?;
        Ok(id)
    }

    /// Adds a function body.
    pub fn add_function(&mut self, function: Function) -> Result<FuncId> {
        let id = FuncId(index(self.tree.functions.len())?);
        self.meter.push(&mut self.tree.functions, function)?;
        Ok(id)
    }

    /// A block of these statements that began after a token on `line` and ends at the current token.
    pub fn block_ending_here(&self, line: Line, stats: Vec<Stat>) -> Block {
        Block {
            stats,
            line,
            end_line: self.token.line,
            end: self.token.start,
        }
    }

    /// Fails at the current token.
    #[cold]
    pub fn fail<T>(&mut self, complaint: Complaint) -> Result<T> {
        Err(complain(
            complaint,
            &self.lexer,
            self.token,
            self.chunk_name,
            self.meter,
        ))
    }
}

fn index(len: usize) -> Result<u32> {
    Ok(u32::try_from(len).map_err(|_| OutOfMemory)?)
}
