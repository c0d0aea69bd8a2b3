//! Syntax errors: their words, and how they are put together.
//!
//! A message reads `chunk:line: words near 'token'`. This is the only place that knows the shape.
//! The line is the one reached by the token looked at, which is also the one shown after `near`.

use crate::ast::{Line, Pos};
use cu_lexer::{
    LexError, Lexer, Malformed, Meter, OutOfMemory, Token, TokenKind, decimal, short_src,
};

/// Why there is no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// The source is not Lua.
    Syntax(SyntaxError),
    /// There is no memory left for the tree.
    OutOfMemory,
}

/// What is wrong with the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line of the error.
    pub line: Line,
    /// Where the token at fault begins.
    pub at: Pos,
    /// The whole message, as the program sees it.
    pub message: Vec<u8>,
}

impl From<OutOfMemory> for ParseError {
    fn from(_: OutOfMemory) -> ParseError {
        ParseError::OutOfMemory
    }
}

/// An error found by the compiler, shown near the token that follows `end`, where `line` is.
#[cold]
pub fn error_near(
    source: &[u8],
    chunk_name: &[u8],
    end: Pos,
    line: Line,
    words: &[u8],
    meter: &mut Meter,
) -> ParseError {
    or_memory(at_next_token(
        source, chunk_name, end, line, words, true, meter,
    ))
}

/// As [`error_near`] without the token; only its line is shown.
#[cold]
pub fn error_after(
    source: &[u8],
    chunk_name: &[u8],
    end: Pos,
    line: Line,
    words: &[u8],
    meter: &mut Meter,
) -> ParseError {
    or_memory(at_next_token(
        source, chunk_name, end, line, words, false, meter,
    ))
}

fn at_next_token(
    source: &[u8],
    chunk_name: &[u8],
    end: Pos,
    line: Line,
    words: &[u8],
    near: bool,
    meter: &mut Meter,
) -> Result<ParseError, OutOfMemory> {
    let mut lexer = Lexer::at(source, end, line);
    match lexer.next(meter) {
        Ok(token) => {
            let mut message = start(chunk_name, token.line, meter)?;
            meter.extend(&mut message, words)?;
            if near {
                lexer.write_near(token, &mut message, meter)?;
            }
            Ok(ParseError::Syntax(SyntaxError {
                line: token.line,
                at: token.start,
                message,
            }))
        }
        Err(error) => Ok(lexical(chunk_name, error, meter)),
    }
}

/// What the parser complains about.
#[derive(Clone, Debug)]
pub(crate) enum Complaint {
    /// This token must come here.
    Expected(TokenKind),
    /// This token must come here, to end what another began.
    ExpectedToClose {
        /// What is missing.
        closing: TokenKind,
        /// What it would close.
        opening: TokenKind,
        /// Where that is.
        line: Line,
    },
    /// No expression begins like this.
    UnexpectedSymbol,
    /// An expression that is no statement, or something that cannot be assigned to.
    SyntaxError,
    /// After `:name`.
    FunctionArguments,
    /// After `for name`.
    EqualsOrIn,
    /// In a parameter list.
    NameOrDots,
    /// `...` where there are no extra arguments.
    OutsideVararg,
    /// `<name>` with an unknown name, given here.
    UnknownAttribute(Vec<u8>),
    /// A second `<close>` in one statement.
    SeveralToBeClosed,
    /// More levels than the parser allows.
    StackOverflow,
}

impl Complaint {
    /// Appends what is said about the token looked at.
    fn write(&self, out: &mut Vec<u8>, meter: &mut Meter) -> Result<(), OutOfMemory> {
        let words = match self {
            Complaint::Expected(kind) => return write_expected(*kind, out, meter),
            Complaint::ExpectedToClose {
                closing,
                opening,
                line,
            } => {
                write_expected(*closing, out, meter)?;
                meter.extend(out, b" (to close ")?;
                write_quoted(*opening, out, meter)?;
                meter.extend(out, b" at line ")?;
                meter.extend(out, decimal(&mut [0; 24], (*line).into()))?;
                return meter.extend(out, b")");
            }
            Complaint::UnknownAttribute(name) => {
                meter.extend(out, b"unknown attribute '")?;
                meter.extend(out, name)?;
                return meter.extend(out, b"'");
            }
            Complaint::UnexpectedSymbol => "unexpected symbol",
            Complaint::SyntaxError => "syntax error",
            Complaint::FunctionArguments => "function arguments expected",
            Complaint::EqualsOrIn => "'=' or 'in' expected",
            Complaint::NameOrDots => "<name> or '...' expected",
            Complaint::OutsideVararg => "cannot use '...' outside a vararg function",
            Complaint::SeveralToBeClosed => "multiple to-be-closed variables in local list",
            Complaint::StackOverflow => "C stack overflow",
        };
        meter.extend(out, words.as_bytes())
    }

    /// Whether the message shows the token looked at.
    fn shows_token(&self) -> bool {
        match self {
            Complaint::Expected(_)
            | Complaint::ExpectedToClose { .. }
            | Complaint::UnexpectedSymbol
            | Complaint::SyntaxError
            | Complaint::FunctionArguments
            | Complaint::EqualsOrIn
            | Complaint::NameOrDots
            | Complaint::OutsideVararg => true,
            Complaint::UnknownAttribute(_)
            | Complaint::SeveralToBeClosed
            | Complaint::StackOverflow => false,
        }
    }
}

fn write_expected(
    kind: TokenKind,
    out: &mut Vec<u8>,
    meter: &mut Meter,
) -> Result<(), OutOfMemory> {
    write_quoted(kind, out, meter)?;
    meter.extend(out, b" expected")
}

/// A token as messages want it: quoted, unless it is a class of tokens.
fn write_quoted(kind: TokenKind, out: &mut Vec<u8>, meter: &mut Meter) -> Result<(), OutOfMemory> {
    let quote: &[u8] = if kind.is_fixed() { b"'" } else { b"" };
    meter.extend(out, quote)?;
    meter.extend(out, kind.text().as_bytes())?;
    meter.extend(out, quote)
}

/// The error for a complaint made while looking at `token`, the last one that `lexer` gave.
#[cold]
pub(crate) fn complain(
    complaint: Complaint,
    lexer: &Lexer<'_>,
    token: Token,
    chunk_name: &[u8],
    meter: &mut Meter,
) -> ParseError {
    or_memory(complaint_error(&complaint, lexer, token, chunk_name, meter))
}

fn complaint_error(
    complaint: &Complaint,
    lexer: &Lexer<'_>,
    token: Token,
    chunk_name: &[u8],
    meter: &mut Meter,
) -> Result<ParseError, OutOfMemory> {
    // The overflow of the stack is not a matter of syntax: it has no position.
    let mut message = match complaint {
        Complaint::StackOverflow => Vec::new(),
        _ => start(chunk_name, token.line, meter)?,
    };
    complaint.write(&mut message, meter)?;
    if complaint.shows_token() {
        lexer.write_near(token, &mut message, meter)?;
    }
    Ok(ParseError::Syntax(SyntaxError {
        line: token.line,
        at: token.start,
        message,
    }))
}

/// The error for a malformed token.
#[cold]
pub(crate) fn lexical(chunk_name: &[u8], error: LexError, meter: &mut Meter) -> ParseError {
    match error {
        LexError::OutOfMemory => ParseError::OutOfMemory,
        LexError::Malformed(malformed) => or_memory(malformed_error(chunk_name, &malformed, meter)),
    }
}

fn malformed_error(
    chunk_name: &[u8],
    malformed: &Malformed,
    meter: &mut Meter,
) -> Result<ParseError, OutOfMemory> {
    let mut message = start(chunk_name, malformed.line, meter)?;
    malformed.write(&mut message, meter)?;
    Ok(ParseError::Syntax(SyntaxError {
        line: malformed.line,
        at: malformed.start,
        message,
    }))
}

/// A message as far as its position: `chunk:line: `.
fn start(chunk_name: &[u8], line: Line, meter: &mut Meter) -> Result<Vec<u8>, OutOfMemory> {
    let mut message = Vec::new();
    meter.extend(&mut message, &short_src(chunk_name))?;
    meter.extend(&mut message, b":")?;
    meter.extend(&mut message, decimal(&mut [0; 24], line.into()))?;
    meter.extend(&mut message, b": ")?;
    Ok(message)
}

fn or_memory(error: Result<ParseError, OutOfMemory>) -> ParseError {
    error.unwrap_or(ParseError::OutOfMemory)
}
