//! The grammar of expressions (manual, sections 3.4 and 9).
//!
//! Operators are read by precedence climbing: [`Parser::expr_above`] reads an operand and then all
//! operators that bind tighter than its limit, each with a right operand of its own climb. Only
//! parentheses, tighter operators, right associativity and unary operators nest; a chain of equals
//! is a loop.

use crate::ast::{
    BinaryOp, Expr, ExprId, ExprKind, Field, FieldKey, Link, List, Suffix, SuffixKind, UnaryOp,
};
use crate::error::Complaint;
use crate::parse::{Parser, Result};
use cu_lexer::{Number, TokenKind};

/// How tightly a binary operator binds its operands.
struct Binding {
    left: u8,
    /// Lower than `left` makes it right associative.
    right: u8,
}

/// How tightly unary operators bind.
const UNARY: u8 = 12;

impl Parser<'_, '_> {
    /// `exp`
    pub fn expr(&mut self) -> Result<ExprId> {
        self.expr_above(0)
    }

    /// `explist`: one or more expressions.
    pub fn expr_list(&mut self) -> Result<List<ExprId>> {
        let exprs = self.begin_list::<ExprId>();
        loop {
            let expr = self.expr()?;
            self.add(expr)?;
            if !self.eat(TokenKind::Comma)? {
                return self.end_list(exprs);
            }
            self.ends_at_comma(expr);
        }
    }

    /// The code that reads a variable or field before a comma comes after the comma has been read, and so does its line.
    fn ends_at_comma(&mut self, id: ExprId) {
        let line = self.last_line;
        if let Some(expr) = self.tree.exprs.get_mut(id.index())
            && matches!(expr.kind, ExprKind::Name(_) | ExprKind::Suffixed { .. })
        {
            expr.line = line;
        }
    }

    /// An expression whose binary operators all bind tighter than `limit`.
    fn expr_above(&mut self, limit: u8) -> Result<ExprId> {
        self.enter()?;
        let first = match unary_op(self.token.kind) {
            Some(op) => {
                let op_line = self.token.line;
                self.advance()?;
                let operand = self.expr_above(UNARY)?;
                self.add_expr(ExprKind::Unary {
                    op,
                    op_line,
                    operand,
                })?
            }
            None => self.simple_expr()?,
        };
        let e = match self.operator_above(limit) {
            Some(op) => self.binary(first, op, limit)?,
            None => first,
        };
        self.leave(1);
        Ok(e)
    }

    /// The binary operator at the current token, if it binds tighter than `limit`.
    #[inline(always)]
    fn operator_above(&self, limit: u8) -> Option<BinaryOp> {
        binary_op(self.token.kind).filter(|&op| binding(op).left > limit)
    }

    /// A chain of binary operators, from `op` on, which is the current token.
    fn binary(&mut self, first: ExprId, mut op: BinaryOp, limit: u8) -> Result<ExprId> {
        let links = self.begin_list::<Link>();
        loop {
            let op_line = self.token.line;
            self.advance()?;
            let rhs = self.expr_above(binding(op).right)?;
            self.add(Link { op, op_line, rhs })?;
            match self.operator_above(limit) {
                Some(next) => op = next,
                None => break,
            }
        }
        let links = self.end_list(links)?;
        self.add_expr(ExprKind::Binary { first, links })
    }

    /// An operand: a literal, a constructor, a function, or something with suffixes.
    fn simple_expr(&mut self) -> Result<ExprId> {
        let kind = match self.token.kind {
            TokenKind::Number => match self.number() {
                Number::Integer(value) => ExprKind::Integer(value),
                Number::Float(value) => ExprKind::Float(value),
            },
            TokenKind::String => ExprKind::String(self.string()?),
            TokenKind::Nil => ExprKind::Nil,
            TokenKind::True => ExprKind::True,
            TokenKind::False => ExprKind::False,
            TokenKind::Dots if self.in_vararg => ExprKind::Vararg,
            TokenKind::Dots => return self.fail(Complaint::OutsideVararg),
            TokenKind::LeftBrace => return self.table(),
            TokenKind::Function => {
                self.advance()?;
                let line = self.token.line;
                let body = self.function_body(false, line)?;
                return self.add_expr(ExprKind::Function(body));
            }
            _ => return self.suffixed_expr(),
        };
        self.advance()?;
        self.add_expr(kind)
    }

    /// `prefixexp`: a name or an expression in parentheses, with what follows it.
    pub fn suffixed_expr(&mut self) -> Result<ExprId> {
        let primary = self.primary_expr()?;
        if !self.at_suffix() {
            return Ok(primary);
        }
        let suffixes = self.begin_list::<Suffix>();
        while self.at_suffix() {
            let suffix = self.suffix()?;
            self.add(suffix)?;
        }
        let suffixes = self.end_list(suffixes)?;
        self.add_expr(ExprKind::Suffixed { primary, suffixes })
    }

    /// Whether the current token begins a suffix.
    #[inline(always)]
    fn at_suffix(&self) -> bool {
        matches!(
            self.token.kind,
            TokenKind::Dot
                | TokenKind::LeftBracket
                | TokenKind::Colon
                | TokenKind::LeftParen
                | TokenKind::String
                | TokenKind::LeftBrace
        )
    }

    fn primary_expr(&mut self) -> Result<ExprId> {
        match self.token.kind {
            TokenKind::Name => {
                let name = self.name()?;
                self.add_expr(ExprKind::Name(name))
            }
            TokenKind::LeftParen => {
                let line = self.token.line;
                self.advance()?;
                let inner = self.expr()?;
                self.expect_closing(TokenKind::RightParen, TokenKind::LeftParen, line)?;
                self.add_expr(ExprKind::Paren(inner))
            }
            _ if self.at_end => self.add_expr(ExprKind::Nil),
            _ => self.fail(Complaint::UnexpectedSymbol),
        }
    }

    /// One suffix, which the current token begins.
    fn suffix(&mut self) -> Result<Suffix> {
        let mut line = self.token.line;
        let kind = match self.token.kind {
            TokenKind::Dot => {
                self.advance()?;
                SuffixKind::Field(self.name()?)
            }
            TokenKind::LeftBracket => SuffixKind::Index(self.bracketed()?),
            TokenKind::Colon => {
                self.advance()?;
                let name = self.name()?;
                line = self.token.line;
                SuffixKind::Method(name, self.call_args()?)
            }
            _ => SuffixKind::Call(self.call_args()?),
        };
        Ok(Suffix {
            kind,
            line,
            end_line: self.last_line,
        })
    }

    /// `[exp]`
    fn bracketed(&mut self) -> Result<ExprId> {
        self.expect(TokenKind::LeftBracket)?;
        let expr = self.expr()?;
        self.expect(TokenKind::RightBracket)?;
        Ok(expr)
    }

    /// `args`
    fn call_args(&mut self) -> Result<List<ExprId>> {
        match self.token.kind {
            TokenKind::LeftParen => {
                let line = self.token.line;
                self.advance()?;
                let args = match self.at(TokenKind::RightParen) {
                    true => List::EMPTY,
                    false => self.expr_list()?,
                };
                self.expect_closing(TokenKind::RightParen, TokenKind::LeftParen, line)?;
                Ok(args)
            }
            TokenKind::LeftBrace => {
                let table = self.table()?;
                self.one_expr(table)
            }
            TokenKind::String => {
                let string = self.string()?;
                self.advance()?;
                let string = self.add_expr(ExprKind::String(string))?;
                self.one_expr(string)
            }
            _ if self.at_end => Ok(List::EMPTY),
            _ => self.fail(Complaint::FunctionArguments),
        }
    }

    fn one_expr(&mut self, expr: ExprId) -> Result<List<ExprId>> {
        let list = self.begin_list::<ExprId>();
        self.add(expr)?;
        self.end_list(list)
    }

    /// `tableconstructor`
    fn table(&mut self) -> Result<ExprId> {
        let line = self.token.line;
        self.expect(TokenKind::LeftBrace)?;
        let fields = self.begin_list::<Field>();
        while !self.at(TokenKind::RightBrace) {
            let field = self.field()?;
            self.add(field)?;
            if !self.eat(TokenKind::Comma)? && !self.eat(TokenKind::Semicolon)? {
                break;
            }
            if matches!(field.key, FieldKey::Positional) {
                self.ends_at_comma(field.value);
            }
        }
        self.expect_closing(TokenKind::RightBrace, TokenKind::LeftBrace, line)?;
        let fields = self.end_list(fields)?;
        self.add_expr(ExprKind::Table { fields })
    }

    fn field(&mut self) -> Result<Field> {
        let line = self.token.line;
        let is_named = self.at(TokenKind::Name) && self.peek_ahead()? == TokenKind::Assign;
        let key = if is_named {
            FieldKey::Name(self.name()?)
        } else if self.at(TokenKind::LeftBracket) {
            FieldKey::Expr(self.bracketed()?)
        } else {
            return Ok(Field {
                key: FieldKey::Positional,
                value: self.expr()?,
                line,
            });
        };
        self.expect(TokenKind::Assign)?;
        Ok(Field {
            key,
            value: self.expr()?,
            line,
        })
    }

    /// The expression with this id.
    pub fn get(&self, id: ExprId) -> Option<&Expr> {
        self.tree.exprs.get(id.index())
    }
}

fn unary_op(kind: TokenKind) -> Option<UnaryOp> {
    match kind {
        TokenKind::Minus => Some(UnaryOp::Neg),
        TokenKind::Not => Some(UnaryOp::Not),
        TokenKind::Hash => Some(UnaryOp::Len),
        TokenKind::Tilde => Some(UnaryOp::BNot),
        _ => None,
    }
}

fn binary_op(kind: TokenKind) -> Option<BinaryOp> {
    Some(match kind {
        TokenKind::Plus => BinaryOp::Add,
        TokenKind::Minus => BinaryOp::Sub,
        TokenKind::Star => BinaryOp::Mul,
        TokenKind::Percent => BinaryOp::Mod,
        TokenKind::Caret => BinaryOp::Pow,
        TokenKind::Slash => BinaryOp::Div,
        TokenKind::DoubleSlash => BinaryOp::IDiv,
        TokenKind::Ampersand => BinaryOp::BAnd,
        TokenKind::Bar => BinaryOp::BOr,
        TokenKind::Tilde => BinaryOp::BXor,
        TokenKind::ShiftLeft => BinaryOp::Shl,
        TokenKind::ShiftRight => BinaryOp::Shr,
        TokenKind::Concat => BinaryOp::Concat,
        TokenKind::Equal => BinaryOp::Eq,
        TokenKind::NotEqual => BinaryOp::Ne,
        TokenKind::Less => BinaryOp::Lt,
        TokenKind::LessEqual => BinaryOp::Le,
        TokenKind::Greater => BinaryOp::Gt,
        TokenKind::GreaterEqual => BinaryOp::Ge,
        TokenKind::And => BinaryOp::And,
        TokenKind::Or => BinaryOp::Or,
        _ => return None,
    })
}

/// The precedences of the manual's section 3.4.8.
fn binding(op: BinaryOp) -> Binding {
    let (left, right) = match op {
        BinaryOp::Or => (1, 1),
        BinaryOp::And => (2, 2),
        BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
            (3, 3)
        }
        BinaryOp::BOr => (4, 4),
        BinaryOp::BXor => (5, 5),
        BinaryOp::BAnd => (6, 6),
        BinaryOp::Shl | BinaryOp::Shr => (7, 7),
        BinaryOp::Concat => (9, 8),
        BinaryOp::Add | BinaryOp::Sub => (10, 10),
        BinaryOp::Mul | BinaryOp::Mod | BinaryOp::Div | BinaryOp::IDiv => (11, 11),
        BinaryOp::Pow => (14, 13),
    };
    Binding { left, right }
}
