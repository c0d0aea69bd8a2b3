//! Loops.

use cu_parser::ast::{Attrib, Block, BlockId, Declared, ExprId, LoopId, Stat, Strings};

use super::{Compiler, Res};
use crate::isa::Op;

impl Compiler<'_> {
    #[inline(never)]
    pub(super) fn while_loop(&mut self, stat: &Stat, cond: ExprId, body: &Block) -> Res<()> {
        let start = self.func.label();
        let exits = self.condition(cond)?;
        self.enter_block(true)?;
        self.block(body)?;
        self.loop_back(start);
        self.at(stat.end_line, stat.end);
        self.leave_block()?;
        self.func.patch_here(exits);
        Ok(())
    }

    #[inline(never)]
    pub(super) fn repeat_loop(&mut self, body: &Block, cond: ExprId) -> Res<()> {
        let start = self.func.label();
        self.enter_block(true)?;
        self.enter_block(false)?;
        self.statements(body, true)?;
        self.at(
            body.end_line,
            body.end.saturating_add(b"until".len() as u32),
        );
        let mut e = self.condition_exp(cond)?;
        self.go_if_false(&mut e)?;
        // Once more: what the condition could see is closed on this way as on the way out.
        if let Some(scope) = self.func.scopes.last().copied()
            && scope.captured
            && !self.func.is_dead_end()
        {
            self.emit(Op::Close, 0, scope.level, 0, 0);
        }
        self.loop_back(start);
        self.func.patch_here(e.if_true);
        self.leave_block()?;
        self.leave_block()
    }

    /// `for var = start, limit, step do body end`
    #[inline(never)]
    pub(super) fn numeric_for(&mut self, stat: &Stat, id: LoopId) -> Res<()> {
        let Some(head) = self.tree.loops.get(id.index()) else {
            return Ok(());
        };
        let (vars, exprs) = (self.tree.list(head.vars), self.tree.list(head.exprs));
        let [var] = vars else {
            return Ok(());
        };
        self.enter_block(true)?;
        let base = self.func.free_reg;
        self.at(var.line, var.end);
        for n in 0..4 {
            self.check_local_limit(n)?;
        }
        for n in 0..3 {
            match exprs.get(n) {
                Some(&id) => {
                    self.expr_next(id)?;
                }
                None => {
                    let reg = self.func.free_reg;
                    self.reserve(1)?;
                    self.emit(Op::LoadInt, 0, reg, 1, 0);
                }
            }
        }
        for _ in 0..3 {
            self.activate(Strings::FOR_STATE, Attrib::None)?;
        }
        self.line = self.tree.block(head.body).line;
        let prep = self.emit(Op::ForPrep, 0, base, 0, 0);
        let start = self.for_body(vars, head.body)?;
        let pc = self.emit(Op::ForLoop, 0, base, 0, 0);
        self.func.ins(pc).target = start;
        self.fix_line(stat.line);
        let end = self.func.label();
        self.func.ins(prep).target = end;
        self.at(stat.end_line, stat.end);
        self.leave_block()
    }

    /// `for vars in exprs do body end`
    #[inline(never)]
    pub(super) fn generic_for(&mut self, stat: &Stat, id: LoopId) -> Res<()> {
        let Some(head) = self.tree.loops.get(id.index()) else {
            return Ok(());
        };
        let (vars, exprs) = (self.tree.list(head.vars), head.exprs);
        self.enter_block(true)?;
        let base = self.func.free_reg;
        if let Some(first) = vars.first() {
            self.at(first.line, first.end);
        }
        for n in 0..4 {
            self.check_local_limit(n)?;
        }
        self.check_declared(vars, 4)?;
        let mut last = self.expr_list(exprs)?;
        self.adjust(4, exprs.len(), &mut last)?;
        for _ in 0..4 {
            self.activate(Strings::FOR_STATE, Attrib::None)?;
        }
        // The fourth value is to be closed.
        self.mark_tbc();
        // Room for a copy of the iterator, its state and the control variable.
        self.check_stack(3)?;
        self.line = self.tree.block(head.body).line;
        let prep = self.emit(Op::TForPrep, 0, base, 0, 0);
        let start = self.for_body(vars, head.body)?;
        let call = self.func.label();
        self.func.ins(prep).target = call;
        // The iterator is called on the line where the expressions begin, after `in`.
        self.emit(Op::TForCall, 0, base, 0, vars.len() as u32);
        self.fix_line(head.exprs_line);
        let pc = self.emit(Op::TForLoop, 0, base, 0, 0);
        self.func.ins(pc).target = start;
        self.fix_line(head.exprs_line);
        self.at(stat.end_line, stat.end);
        self.leave_block()
    }

    /// The body of a `for` loop with its variables; gives the place where it starts.
    fn for_body(&mut self, vars: &[Declared], body: BlockId) -> Res<u32> {
        self.enter_block(false)?;
        let start = self.func.label();
        for var in vars {
            self.activate(var.name, var.attrib)?;
        }
        self.reserve(vars.len())?;
        self.block(self.tree.block(body))?;
        self.leave_block()?;
        Ok(start)
    }
}
