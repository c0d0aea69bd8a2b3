//! `goto`, labels and `break` (manual, section 3.3.4).
//!
//! A goto back to a label becomes a `loop_back` at once. A goto that finds no label yet is pending: it
//! moves outward as blocks end, until its label appears or the function is over. `break` is a goto to a
//! label at the end of the loop whose name no program can write.

use cu_parser::ast::{Line, StrId};

use super::consts::insert;
use super::func::{NO_REG, Pc, Reg};
use super::jump::List;
use super::scope::Scope;
use super::{Compiler, Res, message};
use crate::isa::Op;

/// The name of the label that ends a loop.
pub(super) const BREAK: StrId = StrId(u32::MAX);

/// A label in scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pc: Pc,
    line: Line,
    /// Registers of the variables in scope there.
    level: Reg,
}

/// A goto whose label has not been seen when it was compiled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goto {
    name: StrId,
    line: Line,
    jumps: List,
    /// Variables in scope, at the goto or in the block to which it has moved.
    n_active: usize,
    /// Registers they take.
    level: Reg,
    /// It leaves the scope of a captured variable.
    closes: bool,
    solved: bool,
}

impl Compiler<'_> {
    /// Whether `goto name` would find a label behind it.
    pub(super) fn has_label(&self, name: StrId) -> bool {
        self.func.labels.contains_key(&name)
    }

    /// `goto name` (or `break`).
    pub(super) fn goto(&mut self, name: StrId, line: Line) -> Res<()> {
        let Some(label) = self.func.labels.get(&name).copied() else {
            let jumps = self.jump()?;
            return self.add_goto(name, line, jumps);
        };
        if self.func.n_var_regs > label.level {
            self.emit(Op::Close, 0, label.level, 0, 0)?;
        }
        self.loop_back(label.pc)
    }

    /// Lets `jumps` go to the label `name` when it appears.
    pub(super) fn add_goto(&mut self, name: StrId, line: Line, jumps: List) -> Res<()> {
        let goto = Goto {
            name,
            line,
            jumps,
            n_active: self.func.actives.len(),
            level: self.func.n_var_regs,
            closes: false,
            solved: false,
        };
        let idx = self.func.gotos.len() as u32;
        self.meter.push(&mut self.func.gotos, goto)?;
        if !self.func.gotos_by_name.contains_key(&name) {
            insert(self.meter, &mut self.func.gotos_by_name, name, Vec::new())?;
        }
        match self.func.gotos_by_name.get_mut(&name) {
            Some(list) => Ok(self.meter.push(list, idx)?),
            None => Ok(()),
        }
    }

    /// `::name::`; `last` if only void statements follow it in its block.
    pub(super) fn define_label(&mut self, name: StrId, line: Line, last: bool) -> Res<()> {
        if let Some(label) = self.func.labels.get(&name) {
            let line = label.line;
            let text = message::label_defined(self.bytes(name), line);
            return self.semantic_error(text);
        }
        let (mut n_active, mut level) = (self.func.actives.len(), self.func.n_var_regs);
        if last {
            // At the end of a block its variables count as out of scope.
            if let Some(scope) = self.func.scopes.last() {
                (n_active, level) = (scope.n_active, scope.level);
            }
        }
        let label = Label {
            pc: self.func.label(),
            line,
            level,
        };
        insert(self.meter, &mut self.func.labels, name, label)?;
        self.meter.push(&mut self.func.label_names, name)?;
        self.solve_gotos(name, n_active)?;
        Ok(())
    }

    /// Lets the gotos to `name` in the current block jump here, where `n_active` variables are in scope.
    /// Says whether that needed a `close`.
    pub(super) fn solve_gotos(&mut self, name: StrId, n_active: usize) -> Res<bool> {
        let first = self.func.scopes.last().map_or(0, |scope| scope.first_goto);
        let Some(mut list) = self.func.gotos_by_name.remove(&name) else {
            return Ok(false);
        };
        let split = list.partition_point(|&idx| (idx as usize) < first);
        if list.len() > split {
            self.func.label();
        }
        let mut closes = false;
        for &idx in list.get(split..).unwrap_or_default() {
            let Some(goto) = self.func.gotos.get_mut(idx as usize) else {
                continue;
            };
            if goto.n_active < n_active {
                let goto = *goto;
                return self.scope_error(&goto);
            }
            goto.solved = true;
            closes |= goto.closes;
            let jumps = goto.jumps;
            let here = self.func.pc();
            self.func.patch(jumps, here, NO_REG, here);
        }
        list.truncate(split);
        insert(self.meter, &mut self.func.gotos_by_name, name, list)?;
        if closes {
            self.emit(Op::Close, 0, self.func.n_var_regs, 0, 0)?;
        }
        Ok(closes)
    }

    fn scope_error<T>(&mut self, goto: &Goto) -> Res<T> {
        let local = self
            .func
            .actives
            .get(goto.n_active)
            .map_or(BREAK, |local| local.name);
        let text = message::jumps_into_scope(self.bytes(goto.name), goto.line, self.bytes(local));
        self.semantic_error(text)
    }

    /// Hides the labels of a block that ends.
    pub(super) fn forget_labels(&mut self, first: usize) {
        while self.func.label_names.len() > first {
            if let Some(name) = self.func.label_names.pop() {
                self.func.labels.remove(&name);
            }
        }
    }

    /// Hands the pending gotos of a block that ends to the block around it.
    pub(super) fn move_gotos_out(&mut self, scope: &Scope) -> Res<()> {
        for goto in self
            .func
            .gotos
            .get_mut(scope.first_goto..)
            .unwrap_or_default()
        {
            if goto.level > scope.level {
                goto.closes |= scope.captured;
            }
            goto.level = scope.level;
            goto.n_active = scope.n_active;
        }
        while self.func.gotos.last().is_some_and(|goto| goto.solved) {
            self.func.gotos.pop();
        }
        Ok(())
    }

    /// Fails if the function that ends has a goto without a label.
    pub(super) fn check_gotos(&mut self) -> Res<()> {
        let Some(goto) = self.func.gotos.iter().find(|goto| !goto.solved).copied() else {
            return Ok(());
        };
        let text = match goto.name {
            BREAK => message::break_outside_loop(goto.line),
            name => message::no_visible_label(self.bytes(name), goto.line),
        };
        self.semantic_error(text)
    }
}
