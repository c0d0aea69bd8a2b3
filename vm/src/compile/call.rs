//! Suffixes: fields, indices, calls and method calls.

use cu_lexer::TokenKind;
use cu_parser::ast::{ExprId, Line, List, StrId, Suffix, SuffixKind};

use super::expr::{Exp, ExpKind};
use super::func::Reg;
use super::place::Ahead;
use super::{Compiler, Res};
use crate::isa::Op;

impl Compiler<'_> {
    /// A primary expression and what follows it.
    #[inline(never)]
    pub(super) fn suffixed(&mut self, primary: ExprId, suffixes: List<Suffix>) -> Res<Exp> {
        let mut e = self.expr(primary)?;
        for suffix in self.tree.list(suffixes) {
            match &suffix.kind {
                SuffixKind::Field(name) => {
                    self.make_table(&mut e)?;
                    self.line = suffix.end_line;
                    self.index(&mut e, &mut Exp::new(ExpKind::Str(*name)))?;
                }
                SuffixKind::Index(id) => {
                    self.make_table(&mut e)?;
                    let mut key = self.expr(*id)?;
                    self.make_value(&mut key)?;
                    self.line = suffix.end_line;
                    self.index(&mut e, &mut key)?;
                }
                SuffixKind::Call(args) => {
                    let base = self.place_next(&mut e)?;
                    self.past(Ahead::If(TokenKind::LeftParen));
                    e = self.call(base, *args, suffix)?;
                }
                SuffixKind::Method(name, args) => {
                    let base = self.method(&mut e, *name, suffix.line)?;
                    e = self.call(base, *args, suffix)?;
                }
            }
        }
        Ok(e)
    }

    /// Fetches a method: the function goes to the next register and the object to the one after.
    fn method(&mut self, e: &mut Exp, name: StrId, line: Line) -> Res<Reg> {
        let object = self.place_any(e)?;
        self.line = line;
        self.free_exp(e);
        let base = self.func.free_reg;
        self.reserve(2)?;
        if let Some(key) = self.name_operand(name)? {
            self.emit(Op::SelfField, 0, base, object, key);
        } else {
            // The object moves first: it may be in the register that the key takes.
            self.emit(Op::Move, 0, base + 1, object, 0);
            let mut key = Exp::new(ExpKind::Str(name));
            self.place_in(&mut key, base)?;
            self.emit(Op::GetIndex, 1, base, base + 1, base);
        }
        Ok(base)
    }

    /// A call of what is in `base`, with the registers above it and `args` as arguments.
    fn call(&mut self, base: Reg, args: List<ExprId>, suffix: &Suffix) -> Res<Exp> {
        let mut last = self.expr_list(args)?;
        self.line = suffix.end_line;
        self.past(Ahead::If(TokenKind::RightParen));
        let count = if last.is_open() {
            self.set_results(&last, None)?;
            0
        } else {
            if !matches!(last.kind, ExpKind::Void) {
                self.place_next(&mut last)?;
            }
            self.func.free_reg.saturating_sub(base)
        };
        let pc = self.emit(Op::Call, 0, base, count, 2);
        self.fix_line(suffix.line);
        self.func.free_reg = base + 1;
        Ok(Exp::new(ExpKind::Call(pc)))
    }
}
