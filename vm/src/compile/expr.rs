//! Expressions: how they are described, and the walk over them.

use cu_lexer::TokenKind;
use cu_parser::ast::{Expr, ExprId, ExprKind as Tree, Field, FieldKey, Link, List, StrId};

use super::func::{Pc, Reg};
use super::jump::List as Jumps;
use super::place::Ahead;
use super::{Compiler, Res};
use crate::isa::Op;

/// A value that may not have been computed yet, and the jumps that leave its computation early.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exp {
    /// What is known of the value.
    pub kind: ExpKind,
    /// Jumps taken when the value is true.
    pub if_true: Jumps,
    /// Jumps taken when the value is false or nil.
    pub if_false: Jumps,
}

/// Where a value is, or what has to be done to get it.
#[derive(Clone, Copy, Debug)]
pub(super) enum ExpKind {
    /// No value at all: an empty list.
    Void,
    /// `nil`
    Nil,
    /// `true`
    True,
    /// `false`
    False,
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(StrId),
    /// In a register: a temporary, or a local variable that is not assigned to here.
    Fixed(Reg),
    /// A local variable.
    Local(Reg),
    /// An upvalue.
    Upval(u32),
    /// `table[key]`, both in registers.
    Index { table: Reg, key: Reg },
    /// A field of an upvalue; the key is a constant.
    IndexUp { upval: u32, key: u32 },
    /// A field of a table; the key is a constant.
    IndexField { table: Reg, key: u32 },
    /// `table[key]` for a small integer.
    IndexInt { table: Reg, key: u16 },
    /// A compare that jumps if it holds; the value is whether it jumped.
    Jump(Pc),
    /// The result of an instruction whose destination is still open.
    Reloc(Pc),
    /// The results of a call.
    Call(Pc),
    /// The extra arguments.
    Vararg(Pc),
}

impl Exp {
    /// A value without jumps.
    pub(super) fn new(kind: ExpKind) -> Exp {
        Exp {
            kind,
            if_true: Jumps::EMPTY,
            if_false: Jumps::EMPTY,
        }
    }

    /// Whether jumps leave its computation early.
    pub(super) fn has_jumps(&self) -> bool {
        !self.if_true.is_empty() || !self.if_false.is_empty()
    }

    /// Whether it may have any number of results.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.kind, ExpKind::Call(_) | ExpKind::Vararg(_))
    }

    /// Whether it is a literal, or as good as one.
    pub(super) fn is_const(&self) -> bool {
        !self.has_jumps()
            && matches!(
                self.kind,
                ExpKind::Nil
                    | ExpKind::True
                    | ExpKind::False
                    | ExpKind::Int(_)
                    | ExpKind::Float(_)
                    | ExpKind::Str(_)
            )
    }

    /// The integer it is, if it is one that fits 16 bits.
    pub(super) fn small_int(&self) -> Option<i16> {
        match self.kind {
            ExpKind::Int(value) if !self.has_jumps() => i16::try_from(value).ok(),
            _ => None,
        }
    }
}

/// Positional fields of a constructor that are stored by one instruction.
const FIELDS_PER_FLUSH: u32 = 50;

impl Compiler<'_> {
    /// Compiles an expression.
    pub(super) fn expr(&mut self, id: ExprId) -> Res<Exp> {
        self.meter.turn()?;
        let expr = self.expr_at(id);
        // Half of all expressions are names and literals.
        let kind = match &expr.kind {
            Tree::Nil => ExpKind::Nil,
            Tree::True => ExpKind::True,
            Tree::False => ExpKind::False,
            Tree::Integer(value) => ExpKind::Int(*value),
            Tree::Float(value) => ExpKind::Float(*value),
            Tree::String(id) => ExpKind::Str(*id),
            Tree::Name(name) => {
                self.at(expr.line, expr.end);
                return self.name(*name);
            }
            Tree::Vararg
            | Tree::Function(_)
            | Tree::Paren(_)
            | Tree::Suffixed { .. }
            | Tree::Table { .. }
            | Tree::Unary { .. }
            | Tree::Binary { .. } => return self.compound(expr),
        };
        self.at(expr.line, expr.end);
        Ok(Exp::new(kind))
    }

    /// Compiles an expression that is made of others.
    #[inline(never)]
    fn compound(&mut self, expr: &Expr) -> Res<Exp> {
        let e = match &expr.kind {
            Tree::Vararg => {
                self.at(expr.line, expr.end);
                Exp::new(ExpKind::Vararg(self.emit(Op::Vararg, 0, 0, 0, 2)))
            }
            Tree::Function(body) => {
                let idx = self.function(*body)?;
                self.at(expr.line, expr.end);
                let mut e = Exp::new(ExpKind::Reloc(self.emit(Op::Closure, 0, 0, idx, 0)));
                self.place_next(&mut e)?;
                e
            }
            Tree::Paren(inner) => {
                let mut e = self.expr(*inner)?;
                self.at(expr.line, expr.end);
                self.discharge(&mut e);
                e
            }
            Tree::Suffixed { primary, suffixes } => self.suffixed(*primary, *suffixes)?,
            Tree::Table { fields } => self.table(*fields, expr.line)?,
            Tree::Unary {
                op,
                op_line,
                operand,
            } => {
                let mut e = self.expr(*operand)?;
                self.unary(*op, &mut e, *op_line)?;
                e
            }
            Tree::Binary { first, links } => self.chain(*first, *links)?,
            Tree::Nil
            | Tree::True
            | Tree::False
            | Tree::Integer(_)
            | Tree::Float(_)
            | Tree::String(_)
            | Tree::Name(_) => Exp::new(ExpKind::Void),
        };
        self.at(expr.line, expr.end);
        Ok(e)
    }

    /// Compiles binary operations, applied left to right.
    #[inline(never)]
    fn chain(&mut self, first: ExprId, links: List<Link>) -> Res<Exp> {
        let mut e = self.expr(first)?;
        for link in self.tree.list(links) {
            self.line = link.op_line;
            self.past(Ahead::One);
            self.before_operator(link.op, &mut e)?;
            let mut rhs = self.expr(link.rhs)?;
            self.binary(link.op, &mut e, &mut rhs, link.op_line)?;
        }
        Ok(e)
    }

    /// Compiles a list: all but the last go to registers, one after the other.
    pub(super) fn expr_list(&mut self, ids: List<ExprId>) -> Res<Exp> {
        let mut last = Exp::new(ExpKind::Void);
        for (n, &id) in self.tree.list(ids).iter().enumerate() {
            if n > 0 {
                self.past(Ahead::If(TokenKind::Comma));
                self.place_next(&mut last)?;
            }
            last = self.expr(id)?;
        }
        Ok(last)
    }

    /// Compiles an expression to the next register.
    pub(super) fn expr_next(&mut self, id: ExprId) -> Res<Reg> {
        let mut e = self.expr(id)?;
        self.place_next(&mut e)
    }

    /// Turns `table` into the element with that key.
    pub(super) fn index(&mut self, table: &mut Exp, key: &mut Exp) -> Res<()> {
        let name = match key.kind {
            ExpKind::Str(name) if !key.has_jumps() => self.name_operand(name)?,
            _ => None,
        };
        if let (ExpKind::Upval(upval), Some(key)) = (table.kind, name) {
            table.kind = ExpKind::IndexUp { upval, key };
            return Ok(());
        }
        let reg = match table.kind {
            ExpKind::Local(reg) | ExpKind::Fixed(reg) if !table.has_jumps() => reg,
            _ => self.place_any(table)?,
        };
        table.kind = match (name, key.kind) {
            (Some(key), _) => ExpKind::IndexField { table: reg, key },
            (None, ExpKind::Int(value)) if !key.has_jumps() && u16::try_from(value).is_ok() => {
                ExpKind::IndexInt {
                    table: reg,
                    key: value as u16,
                }
            }
            _ => ExpKind::Index {
                table: reg,
                key: self.place_any(key)?,
            },
        };
        Ok(())
    }

    /// A table constructor.
    #[inline(never)]
    fn table(&mut self, fields: List<Field>, end_line: u32) -> Res<Exp> {
        let pc = self.emit(Op::NewTable, 0, 0, 0, 0);
        let table = self.func.free_reg;
        self.func.ins(pc).a = table;
        self.reserve(1)?;
        let (mut n_items, mut pending, mut n_hash) = (0_u32, 0, 0_u32);
        let mut item = Exp::new(ExpKind::Void);
        for field in self.tree.list(fields) {
            if !matches!(item.kind, ExpKind::Void) {
                self.place_next(&mut item)?;
                item = Exp::new(ExpKind::Void);
                if pending == FIELDS_PER_FLUSH {
                    self.set_list(table, n_items, pending);
                    n_items = n_items.saturating_add(pending);
                    pending = 0;
                }
            }
            match field.key {
                FieldKey::Positional => {
                    item = self.expr(field.value)?;
                    pending += 1;
                }
                FieldKey::Name(_) | FieldKey::Expr(_) => {
                    self.keyed_field(table, field)?;
                    n_hash = n_hash.saturating_add(1);
                }
            }
        }
        self.line = end_line;
        if item.is_open() {
            self.set_results(&item, None)?;
            self.set_list(table, n_items, 0);
            pending = pending.saturating_sub(1);
        } else if pending > 0 {
            if !matches!(item.kind, ExpKind::Void) {
                self.place_next(&mut item)?;
            }
            self.set_list(table, n_items, pending);
        }
        let ins = self.func.ins(pc);
        ins.b = n_items.saturating_add(pending).min(u32::from(u16::MAX));
        ins.c = n_hash.min(u32::from(u16::MAX));
        Ok(Exp::new(ExpKind::Fixed(table)))
    }

    fn keyed_field(&mut self, table: Reg, field: &Field) -> Res<()> {
        let free = self.func.free_reg;
        let mut key = match field.key {
            FieldKey::Name(name) => Exp::new(ExpKind::Str(name)),
            FieldKey::Expr(id) => {
                let mut key = self.expr(id)?;
                self.make_value(&mut key)?;
                key
            }
            FieldKey::Positional => return Ok(()),
        };
        let mut target = Exp::new(ExpKind::Fixed(table));
        self.index(&mut target, &mut key)?;
        let mut value = self.expr(field.value)?;
        self.store(&target, &mut value)?;
        self.func.free_reg = free;
        Ok(())
    }

    /// Stores the registers after `table` behind its first `n_items` elements: `count` of them, or all
    /// up to the top for 0.
    fn set_list(&mut self, table: Reg, n_items: u32, count: u32) {
        self.emit(Op::SetList, 0, table, count, n_items);
        self.func.free_reg = table + 1;
    }
}
