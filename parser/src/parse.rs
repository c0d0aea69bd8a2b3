//! The parser's place in the source: current token, nesting level, tree under construction.
//!
//! What the grammar needs everywhere is here; the grammar itself is in `stat` and `expr`.
//!
//! Invariants:
//! - `ahead` holds a token only while a table constructor looks at a name, so the lexer's payload
//!   belongs to the current token whenever that is a string or a numeral;
//! - `level` counts the activations that PUC's parser would have on the C stack.

use crate::ast::{
    Block, BlockId, Expr, ExprId, ExprKind, ForLoop, FuncId, Function, Line, List, Listed, Lists,
    LoopId, Pos, Stat, StrId, Strings, Tree,
};
use crate::error::{Complaint, ParseError, complain, lexical};
use crate::intern::Interner;
use cu_lexer::{Lexer, Meter, OutOfMemory, Token, TokenKind};
use std::marker::PhantomData;

/// How deep statements and expressions may nest.
///
/// PUC allows 200 C calls, of which loading a chunk from a script's main function uses three.
pub const MAX_LEVELS: u32 = 197;

/// Bytes of a source for whose nodes room is made beforehand.
const LONG: usize = 200;

pub(crate) type Result<T> = std::result::Result<T, Failed>;

/// Parsing cannot go on; [`Parser::error`] says why. It takes no room, so that results stay small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed;

impl From<OutOfMemory> for Failed {
    fn from(_: OutOfMemory) -> Failed {
        Failed
    }
}

pub(crate) struct Parser<'s, 'm> {
    lexer: Lexer<'s>,
    chunk_name: &'s [u8],
    pub meter: &'m mut Meter,
    /// The error that was found; none, if memory ran out.
    error: Option<ParseError>,
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
    /// The lists that are not complete yet, the innermost at the end of each vector.
    open: Lists,
    interner: Interner,
}

/// Where a list that is not complete yet begins.
#[derive(Clone, Copy)]
pub(crate) struct Mark(usize);

/// The lists that parsing takes, to be used again for the next chunk.
#[derive(Debug, Default)]
pub struct Workspace {
    tree: Tree,
    open: Lists,
    interner: Interner,
}

impl Workspace {
    /// The tree of the last chunk that was parsed, which is whole if that was valid.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The tree alone.
    pub(crate) fn into_tree(self) -> Tree {
        self.tree
    }

    /// Forgets the last chunk and keeps its memory.
    fn clear(&mut self) {
        self.tree.clear();
        self.open.clear();
        self.interner.clear();
    }
}

/// Parses a whole chunk, or what of it lies before `end`, to the tree of a workspace.
pub(crate) fn chunk(
    work: &mut Workspace,
    source: &[u8],
    chunk_name: &[u8],
    end: Option<Pos>,
    meter: &mut Meter,
) -> std::result::Result<(), ParseError> {
    work.clear();
    let mut parser = Parser {
        lexer: Lexer::new(source),
        chunk_name,
        level: meter.level(),
        meter,
        error: None,
        token: Token::START,
        end,
        at_end: false,
        ahead: None,
        last_line: 1,
        last_end: 0,
        in_vararg: true,
        tree: std::mem::take(&mut work.tree),
        open: std::mem::take(&mut work.open),
        interner: std::mem::take(&mut work.interner),
    };
    if source.len() >= LONG {
        parser.expect_nodes(source.len());
    }
    let parsed = parser.main();
    work.tree = parser.tree;
    work.open = parser.open;
    work.interner = parser.interner;
    parsed.map_err(|Failed| parser.error.unwrap_or(ParseError::OutOfMemory))
}

impl Parser<'_, '_> {
    /// Makes room for what a source of `len` bytes usually holds, so that the longest lists grow rarely.
    #[inline(never)]
    fn expect_nodes(&mut self, len: usize) {
        let lists = &mut self.tree.lists;
        self.meter.expect(&mut self.tree.exprs, len / 6);
        self.meter.expect(&mut lists.exprs, len / 16);
        self.meter.expect(&mut lists.stats, len / 30);
        self.meter.expect(&mut lists.suffixes, len / 40);
        self.meter.expect(&mut lists.links, len / 40);
        self.meter.expect(&mut lists.fields, len / 80);
        self.meter.expect(&mut lists.declared, len / 80);
        self.meter.expect(&mut lists.names, len / 120);
        self.meter.expect(&mut self.tree.blocks, len / 120);
        self.meter.expect(&mut self.tree.functions, len / 200);
    }

    fn main(&mut self) -> Result<()> {
        self.interner.begin(&mut self.tree.strings, self.meter)?;
        self.advance()?;
        let body = self.statements()?;
        self.check(TokenKind::Eos)?;
        let end_line = self.token.line;
        self.add_function(Function {
            params: List::EMPTY,
            is_vararg: true,
            body,
            line: 0,
            end_line,
        })?;
        Ok(())
    }

    /// Reads the current token and looks at the next.
    pub fn advance(&mut self) -> Result<()> {
        self.last_line = self.token.line;
        self.last_end = self.token.end;
        self.meter.turn()?;
        if self.ahead.is_some() {
            return self.take_ahead();
        }
        self.lex()
    }

    #[inline(never)]
    fn take_ahead(&mut self) -> Result<()> {
        if let Some(token) = self.ahead.take() {
            self.token = token;
        }
        Ok(())
    }

    /// The kind of the token after the current one.
    pub fn peek_ahead(&mut self) -> Result<TokenKind> {
        let current = self.token;
        let token = match self.ahead {
            Some(token) => token,
            None => {
                self.lex()?;
                std::mem::replace(&mut self.token, current)
            }
        };
        self.ahead = Some(token);
        Ok(token.kind)
    }

    /// Replaces the current token by the next one that the lexer gives.
    #[inline(always)]
    fn lex(&mut self) -> Result<()> {
        match self.lexer.advance(&mut self.token, self.meter) {
            Ok(()) if self.end.is_none() => Ok(()),
            result => self.lex_slow(result.is_ok()),
        }
    }

    /// The same where there is no token, or where only what lies before an offset is parsed.
    #[cold]
    fn lex_slow(&mut self, found: bool) -> Result<()> {
        let Some(end) = self.end else {
            let error = self.lexer.take_error();
            self.error = Some(lexical(self.chunk_name, error, self.meter));
            return Err(Failed);
        };
        if !found || self.token.start >= end || self.at_end {
            self.at_end = true;
            self.token = Token {
                kind: TokenKind::Eos,
                start: end,
                end,
                line: self.token.line,
            };
        }
        Ok(())
    }

    /// Whether the current token is of `kind`.
    pub fn at(&self, kind: TokenKind) -> bool {
        self.token.kind == kind
    }

    /// Reads the current token if it is of `kind`.
    #[inline(always)]
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
        let bytes = self.lexer.slice(&self.token);
        let id = self
            .interner
            .intern(bytes, &mut self.tree.strings, self.meter)?;
        self.advance()?;
        Ok(id)
    }

    /// The value of the current token, a string.
    pub fn string(&mut self) -> Result<StrId> {
        let bytes = self.lexer.string();
        intern(
            &mut self.interner,
            bytes,
            &mut self.tree.strings,
            self.meter,
        )
    }

    /// The value of the current token, a numeral.
    pub fn number(&self) -> cu_lexer::Number {
        self.lexer.number()
    }

    /// The constant `bytes`, for names that the grammar adds.
    pub fn implied_name(&mut self, bytes: &[u8]) -> Result<StrId> {
        intern(
            &mut self.interner,
            bytes,
            &mut self.tree.strings,
            self.meter,
        )
    }

    /// A copy of the bytes of a name or string.
    pub fn copy_bytes(&mut self, id: StrId) -> Result<Vec<u8>> {
        let mut copy = Vec::new();
        self.meter.extend(&mut copy, self.tree.strings.get(id))?;
        Ok(copy)
    }

    /// Begins a list of this kind.
    pub fn begin_list<T: Listed>(&self) -> Mark {
        Mark(T::all(&self.open).len())
    }

    /// Appends a node to the innermost list of its kind.
    #[inline(always)]
    pub fn add<T: Listed>(&mut self, node: T) -> Result<()> {
        Ok(self.meter.push(T::all_mut(&mut self.open), node)?)
    }

    /// Completes the list that began at `mark`.
    pub fn end_list<T: Listed>(&mut self, mark: Mark) -> Result<List<T>> {
        let open = T::all_mut(&mut self.open);
        let len = open.len() - mark.0.min(open.len());
        if len == 0 {
            return Ok(List::EMPTY);
        }
        let all = T::all_mut(&mut self.tree.lists);
        let list = List {
            start: index(all.len())?,
            len: index(len)?,
            kind: PhantomData,
        };
        // One by one: most lists are short, and WebAssembly copies few bytes slowly with `memory.copy`.
        for &node in open.get(mark.0..).unwrap_or_default() {
            self.meter.push(all, node)?;
        }
        open.truncate(mark.0);
        Ok(list)
    }

    /// Goes one level deeper; whoever calls it also calls [`Parser::leave`].
    #[inline(always)]
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
    #[inline(always)]
    pub fn add_expr(&mut self, kind: ExprKind) -> Result<ExprId> {
        let id = ExprId::new(index(self.tree.exprs.len())?).ok_or(OutOfMemory)?;
        let expr = Expr {
            kind,
            line: self.last_line,
            end: self.last_end,
        };
        self.meter.push(&mut self.tree.exprs, expr)?;
        Ok(id)
    }

    /// Adds a block.
    pub fn add_block(&mut self, block: Block) -> Result<BlockId> {
        let id = BlockId::new(index(self.tree.blocks.len())?).ok_or(OutOfMemory)?;
        self.meter.push(&mut self.tree.blocks, block)?;
        Ok(id)
    }

    /// Adds a `for` loop.
    pub fn add_loop(&mut self, head: ForLoop) -> Result<LoopId> {
        let id = LoopId::new(index(self.tree.loops.len())?).ok_or(OutOfMemory)?;
        self.meter.push(&mut self.tree.loops, head)?;
        Ok(id)
    }

    /// Adds a function body.
    pub fn add_function(&mut self, function: Function) -> Result<FuncId> {
        let id = FuncId::new(index(self.tree.functions.len())?).ok_or(OutOfMemory)?;
        self.meter.push(&mut self.tree.functions, function)?;
        Ok(id)
    }

    /// A block of these statements that began after a token on `line` and ends at the current token.
    pub fn block_ending_here(&self, line: Line, stats: List<Stat>) -> Block {
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
        self.error = Some(complain(
            complaint,
            &self.lexer,
            self.token,
            self.chunk_name,
            self.meter,
        ));
        Err(Failed)
    }
}

/// For what comes less often than names, with which it is done in place.
#[inline(never)]
fn intern(
    interner: &mut Interner,
    bytes: &[u8],
    strings: &mut Strings,
    meter: &mut Meter,
) -> Result<StrId> {
    Ok(interner.intern(bytes, strings, meter)?)
}

fn index(len: usize) -> Result<u32> {
    Ok(u32::try_from(len).map_err(|_| OutOfMemory)?)
}
