//! Assignments and local declarations.

use cu_parser::ast::{Attrib, Declared, ExprId, ExprKind as Tree, List, Stat};

use super::expr::{Exp, ExpKind};
use super::scope::Var;
use super::{Compiler, Res, message};
use crate::isa::Op;
use crate::proto::VarKind;

impl Compiler<'_> {
    /// `local names = exprs`
    #[inline(never)]
    pub(super) fn local(&mut self, names: List<Declared>, exprs: List<ExprId>) -> Res<()> {
        let names = self.tree.list(names);
        self.check_declared(names, 0)?;
        let mut last = self.expr_list(exprs)?;
        if let Some((name, rest)) = names.split_last()
            && names.len() == exprs.len()
            && name.attrib == Attrib::Const
            && last.is_const()
        {
            // The last variable, if constant and known now, takes no register.
            for name in rest {
                self.activate(name.name, name.attrib)?;
            }
            return self.activate_known(name.name, last.kind);
        }
        self.adjust(names.len(), exprs.len(), &mut last)?;
        let mut to_close = None;
        for name in names {
            let reg = self.activate(name.name, name.attrib)?;
            if name.attrib == Attrib::Close {
                to_close = Some(reg);
            }
        }
        if let Some(reg) = to_close {
            self.mark_tbc();
            self.emit(Op::Tbc, 0, reg, 0, 0);
        }
        Ok(())
    }

    /// Makes `n_values` expressions, the last of which is `last`, fill `n_vars` registers.
    pub(super) fn adjust(&mut self, n_vars: usize, n_values: usize, last: &mut Exp) -> Res<()> {
        let missing = n_vars.saturating_sub(n_values);
        if last.is_open() {
            // The last expression stands for itself and for all that is missing.
            let wanted = (n_vars + 1).saturating_sub(n_values);
            self.set_results(last, Some(wanted as u32))?;
        } else {
            if !matches!(last.kind, ExpKind::Void) {
                self.place_next(last)?;
            }
            if missing > 0 {
                let from = self.func.free_reg;
                self.check_stack(missing)?;
                self.load_nil(from, missing as u32);
            }
        }
        self.reserve(missing)?;
        let surplus = n_values.saturating_sub(n_vars);
        self.func.free_reg = self.func.free_reg.saturating_sub(surplus as u32);
        Ok(())
    }

    /// `targets = exprs`
    #[inline(never)]
    pub(super) fn assignment(&mut self, targets: List<ExprId>, exprs: List<ExprId>) -> Res<()> {
        if let &[target] = self.tree.list(targets) {
            return self.assign_one(target, exprs);
        }
        let mut places: Vec<Exp> = Vec::new();
        for &target in self.tree.list(targets) {
            let place = self.target(target)?;
            self.keep_apart(&mut places, &place)?;
            self.meter.push(&mut places, place)?;
        }
        let mut last = self.expr_list(exprs)?;
        let mut rest = places.as_slice();
        if targets.len() == exprs.len() {
            self.set_one_result(&mut last);
            if let Some((place, others)) = rest.split_last() {
                self.store(place, &mut last)?;
                rest = others;
            }
        } else {
            self.adjust(targets.len(), exprs.len(), &mut last)?;
        }
        for place in rest.iter().rev() {
            let top = self.func.free_reg.saturating_sub(1);
            self.store(place, &mut Exp::new(ExpKind::Fixed(top)))?;
        }
        Ok(())
    }

    /// The same with one target, as usual.
    fn assign_one(&mut self, target: ExprId, exprs: List<ExprId>) -> Res<()> {
        let place = self.target(target)?;
        let mut last = self.expr_list(exprs)?;
        if exprs.len() == 1 {
            self.set_one_result(&mut last);
            return self.store(&place, &mut last);
        }
        self.adjust(1, exprs.len(), &mut last)?;
        let top = self.func.free_reg.saturating_sub(1);
        self.store(&place, &mut Exp::new(ExpKind::Fixed(top)))
    }

    /// Compiles what is assigned to, up to the point where the value is needed.
    pub(super) fn target(&mut self, id: ExprId) -> Res<Exp> {
        let expr = self.expr_at(id);
        if let Tree::Name(name) = expr.kind {
            self.at(expr.line, expr.end);
            let fixed = match self.resolve(name)? {
                Var::Local(_, kind) | Var::Upval(_, kind) => kind != VarKind::Regular,
                Var::Known(_) => true,
                Var::Global => false,
            };
            if fixed {
                return self.semantic_error(message::assign_to_const(self.bytes(name)));
            }
        }
        self.expr(id)
    }

    /// In a multiple assignment, earlier targets may index the variable that `place` assigns to; they
    /// then use a copy of what it held before.
    fn keep_apart(&mut self, places: &mut [Exp], place: &Exp) -> Res<()> {
        let copy = self.func.free_reg;
        let mut conflict = false;
        for earlier in places {
            match (place.kind, &mut earlier.kind) {
                (ExpKind::Local(reg), ExpKind::Index { table, key }) => {
                    for used in [table, key] {
                        if *used == reg {
                            *used = copy;
                            conflict = true;
                        }
                    }
                }
                (
                    ExpKind::Local(reg),
                    ExpKind::IndexField { table, .. } | ExpKind::IndexInt { table, .. },
                ) if *table == reg => {
                    *table = copy;
                    conflict = true;
                }
                (ExpKind::Upval(idx), &mut ExpKind::IndexUp { upval, key }) if upval == idx => {
                    earlier.kind = ExpKind::IndexField { table: copy, key };
                    conflict = true;
                }
                _ => {}
            }
        }
        if conflict {
            match place.kind {
                ExpKind::Local(reg) => self.emit(Op::Move, 0, copy, reg, 0),
                ExpKind::Upval(idx) => self.emit(Op::GetUpval, 0, copy, idx, 0),
                _ => return Ok(()),
            };
            self.reserve(1)?;
        }
        Ok(())
    }

    /// Stores `value` in a variable or table element.
    pub(super) fn store(&mut self, place: &Exp, value: &mut Exp) -> Res<()> {
        match place.kind {
            ExpKind::Local(reg) => {
                self.free_exp(value);
                return self.place_in(value, reg);
            }
            ExpKind::Upval(idx) => {
                let reg = self.place_any(value)?;
                self.emit(Op::SetUpval, 0, reg, idx, 0);
            }
            ExpKind::IndexUp { upval, key } => {
                self.store_in(Op::SetUpField, Op::SetUpFieldK, upval, key, value)?;
            }
            ExpKind::IndexField { table, key } => {
                self.store_in(Op::SetField, Op::SetFieldK, table, key, value)?;
            }
            ExpKind::IndexInt { table, key } => {
                self.store_in(Op::SetInt, Op::SetIntK, table, u32::from(key), value)?;
            }
            ExpKind::Index { table, key } => {
                self.store_in(Op::SetIndex, Op::SetIndexK, table, key, value)?;
            }
            _ => {}
        }
        self.free_exp(value);
        Ok(())
    }

    fn store_in(&mut self, op: Op, op_const: Op, a: u32, b: u32, value: &mut Exp) -> Res<()> {
        if let Some(idx) = self.const_operand(value)? {
            self.emit(op_const, 0, a, b, idx);
        } else {
            let reg = self.place_any(value)?;
            self.emit(op, 0, a, b, reg);
        }
        Ok(())
    }

    /// `function a.b:c() ... end`
    #[inline(never)]
    pub(super) fn function_stat(
        &mut self,
        stat: &Stat,
        target: ExprId,
        body: cu_parser::ast::FuncId,
    ) -> Res<()> {
        let place = self.target(target)?;
        let idx = self.function(body)?;
        self.at(stat.end_line, stat.end);
        let mut value = Exp::new(ExpKind::Reloc(self.emit(Op::Closure, 0, 0, idx, 0)));
        self.place_next(&mut value)?;
        self.store(&place, &mut value)?;
        self.fix_line(stat.line);
        Ok(())
    }
}
