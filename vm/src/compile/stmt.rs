//! Statements and blocks.

use cu_parser::ast::{
    Arm, Attrib, Block, BlockId, Declared, ExprId, FuncId, List, Stat, StatKind, StrId,
};

use super::expr::{Exp, ExpKind};
use super::func::Reg;
use super::jump::List as Jumps;
use super::labels::BREAK;
use super::place::Ahead;
use super::{Compiler, Res};
use crate::isa::Op;

impl<'a> Compiler<'a> {
    /// A block with a scope of its own.
    pub(super) fn block(&mut self, block: &Block) -> Res<()> {
        self.enter_block(false)?;
        self.statements(block, false)?;
        self.leave_block()
    }

    /// The statements of a block, without its scope. The block of a `repeat` goes on in its condition.
    pub(super) fn statements(&mut self, block: &Block, is_repeat: bool) -> Res<()> {
        let mut rest = self.tree.list(block.stats);
        while let Some(stat) = rest.first() {
            if let StatKind::Label(_) = stat.kind {
                rest = self.labels(rest, is_repeat)?;
                continue;
            }
            self.line = stat.line;
            self.statement(stat)?;
            self.check_memory()?;
            self.at(stat.end_line, stat.end);
            self.func.free_reg = self.func.n_var_regs;
            rest = rest.get(1..).unwrap_or_default();
        }
        Ok(())
    }

    /// The labels that `rest` begins with; gives what follows them.
    #[inline(never)]
    fn labels<'s>(&mut self, rest: &'s [Stat], is_repeat: bool) -> Res<&'s [Stat]> {
        let n = rest
            .iter()
            .position(|stat| !matches!(stat.kind, StatKind::Label(_)))
            .unwrap_or(rest.len());
        let (labels, others) = rest.split_at(n);
        if let Some(last) = labels.last() {
            self.at(last.end_line, last.end);
            self.past(Ahead::Semicolons);
        }
        let at_end = others.is_empty() && !is_repeat;
        // PUC defines labels in a row from the last to the first.
        for label in labels.iter().rev() {
            if let StatKind::Label(name) = label.kind {
                self.define_label(name, label.line, at_end)?;
            }
        }
        Ok(others)
    }

    /// Each arm is one call: a program that has no such statement does not pay for the code in engines that compile
    /// functions when they are first called.
    fn statement(&mut self, stat: &Stat) -> Res<()> {
        self.meter.turn()?;
        match &stat.kind {
            StatKind::Local { names, exprs } => self.local(*names, *exprs),
            StatKind::Assign { targets, exprs } => self.assignment(*targets, *exprs),
            StatKind::Call(call) => {
                let e = self.expr(*call)?;
                self.set_results(&e, Some(0))
            }
            StatKind::Do(block) => self.block(self.tree.block(*block)),
            StatKind::While { cond, body } => self.while_loop(stat, *cond, self.tree.block(*body)),
            StatKind::Repeat { body, cond } => self.repeat_loop(self.tree.block(*body), *cond),
            StatKind::If { arms, otherwise } => self.if_stat(*arms, *otherwise),
            StatKind::NumericFor(id) => self.numeric_for(stat, *id),
            StatKind::GenericFor(id) => self.generic_for(stat, *id),
            StatKind::Function { target, body } => self.function_stat(stat, *target, *body),
            StatKind::LocalFunction { name, body } => self.local_function(stat, *name, *body),
            // Labels are defined together with those that follow them.
            StatKind::Label(_) => Ok(()),
            StatKind::Goto(name) => {
                self.at(stat.end_line, stat.end);
                self.goto(*name, stat.end_line)
            }
            StatKind::Break => {
                self.at(stat.end_line, stat.end);
                self.goto(BREAK, stat.line)
            }
            StatKind::Return(exprs) => self.return_stat(*exprs),
        }
    }

    /// A condition: what it gives are the jumps taken when it is false.
    pub(super) fn condition(&mut self, id: ExprId) -> Res<Jumps> {
        let mut e = self.condition_exp(id)?;
        self.go_if_true(&mut e)?;
        Ok(e.if_false)
    }

    /// A condition of which only the truth matters.
    pub(super) fn condition_exp(&mut self, id: ExprId) -> Res<Exp> {
        let mut e = self.expr(id)?;
        if let ExpKind::Nil = e.kind {
            e.kind = ExpKind::False;
        }
        Ok(e)
    }

    #[inline(never)]
    fn if_stat(&mut self, arms: List<Arm>, otherwise: Option<BlockId>) -> Res<()> {
        let arms = self.tree.list(arms);
        let mut ends = Jumps::EMPTY;
        for (n, Arm { cond, body }) in arms.iter().enumerate() {
            let body = self.tree.block(*body);
            let is_last = n + 1 == arms.len() && otherwise.is_none();
            if let Some((name, stat)) = self.only_forward_goto(body) {
                // The condition itself jumps out.
                let mut e = self.condition_exp(*cond)?;
                self.line = body.line;
                self.go_if_false(&mut e)?;
                self.add_goto(name, stat.end_line, e.if_true)?;
                self.at(stat.end_line, stat.end);
                continue;
            }
            // Read with the `then`, the test belongs to its line.
            let mut e = self.condition_exp(*cond)?;
            self.line = body.line;
            self.go_if_true(&mut e)?;
            let mut if_false = e.if_false;
            self.block(body)?;
            if !is_last {
                let jump = self.jump();
                self.func.join(&mut ends, jump);
            }
            self.func
                .patch_here(std::mem::replace(&mut if_false, Jumps::EMPTY));
        }
        if let Some(block) = otherwise {
            self.block(self.tree.block(block))?;
        }
        self.func.patch_here(ends);
        Ok(())
    }

    /// If `block` is nothing but `break` or a `goto` to a label further on: the name and the statement.
    fn only_forward_goto(&self, block: &Block) -> Option<(StrId, &'a Stat)> {
        let [stat] = self.tree.list(block.stats) else {
            return None;
        };
        match stat.kind {
            StatKind::Break => Some((BREAK, stat)),
            StatKind::Goto(name) if !self.has_label(name) => Some((name, stat)),
            _ => None,
        }
    }

    #[inline(never)]
    fn local_function(&mut self, stat: &Stat, name: List<Declared>, body: FuncId) -> Res<()> {
        let [name] = self.tree.list(name) else {
            return Ok(());
        };
        self.check_declared(std::slice::from_ref(name), 0)?;
        let reg = self.activate(name.name, Attrib::None)?;
        self.reserve(1)?;
        let idx = self.function(body)?;
        self.at(stat.end_line, stat.end);
        self.emit(Op::Closure, 0, reg, idx, 0);
        self.restart_span();
        Ok(())
    }

    #[inline(never)]
    fn return_stat(&mut self, exprs: List<ExprId>) -> Res<()> {
        let in_tbc = self.func.scopes.last().is_some_and(|scope| scope.in_tbc);
        let mut first = self.func.n_var_regs;
        let mut last = self.expr_list(exprs)?;
        let count = match (last.kind, exprs.len()) {
            (ExpKind::Call(pc), 1) if !in_tbc => {
                let ins = self.func.ins(pc);
                (ins.op, ins.c) = (Op::TailCall, 0);
                self.meter.push(&mut self.func.returns, pc)?;
                0
            }
            (ExpKind::Call(_) | ExpKind::Vararg(_), _) => {
                self.set_results(&last, None)?;
                0
            }
            (ExpKind::Void, _) => 1,
            (_, 1) => {
                first = self.place_any(&mut last)?;
                2
            }
            (_, n) => {
                self.place_next(&mut last)?;
                n as u32 + 1
            }
        };
        self.emit_return(first, count)
    }

    /// Appends a return of `count - 1` values from `first` on, or of all up to the top for 0.
    pub(super) fn emit_return(&mut self, first: Reg, count: u32) -> Res<()> {
        let pc = match count {
            1 => self.emit(Op::Return0, 0, 0, 0, 0),
            2 => self.emit(Op::Return1, 0, first, 0, 0),
            _ => self.emit(Op::Return, 0, first, count, 0),
        };
        Ok(self.meter.push(&mut self.func.returns, pc)?)
    }
}
