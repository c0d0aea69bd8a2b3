//! `goto`, labels and `break` (manual, section 3.3.4).
//!
//! A goto back to a label becomes a `loop_back` at once. A goto that finds no label yet is pending: it
//! moves outward as blocks end, until its label appears or the function is over. `break` is a goto to a
//! label at the end of the loop whose name no program can write.

use cu_parser::ast::{Line, StrId};

use super::func::{NO_REG, Pc, Reg};
use super::jump::List;
use super::scope::Scope;
use super::{Compiler, Failed, Res, message};
use crate::isa::Op;

/// The name of the label that ends a loop.
pub(super) const BREAK: StrId = super::beyond(1);

/// No label or goto.
const NONE: u32 = u32::MAX;

/// The labels in scope and the pending gotos of all functions that are being compiled, innermost last.
///
/// For each name the newest label and the newest pending goto are known, and each knows the next older
/// one of its name. Those of the current function begin at `Func::first_label` and `Func::first_goto`.
#[derive(Debug, Default)]
pub(super) struct Labels {
    labels: Vec<Label>,
    /// Forward gotos (and breaks), solved ones included.
    gotos: Vec<Goto>,
    /// By name, `BREAK` last; empty while no label or goto has been seen.
    newest: Vec<Newest>,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    label: u32,
    goto: u32,
}

/// A label in scope.
#[derive(Clone, Copy, Debug)]
struct Label {
    name: StrId,
    pc: Pc,
    line: Line,
    /// Registers of the variables in scope there.
    level: Reg,
    /// The next older label of the same name, in a function outside.
    older: u32,
}

/// A goto whose label has not been seen when it was compiled.
#[derive(Clone, Copy, Debug)]
struct Goto {
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
    /// The next older pending goto of the same name.
    older: u32,
}

impl Labels {
    /// Removes everything and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.labels.clear();
        self.gotos.clear();
        self.newest.clear();
    }

    /// How many labels there are.
    pub(super) fn n_labels(&self) -> usize {
        self.labels.len()
    }

    /// How many gotos there are.
    pub(super) fn n_gotos(&self) -> usize {
        self.gotos.len()
    }
}

impl Compiler<'_> {
    fn label(&self, name: StrId) -> Option<&Label> {
        let newest = self.labels.newest.get(self.newest_idx(name))?;
        let idx = Some(newest.label as usize).filter(|&idx| idx >= self.func.first_label)?;
        self.labels.labels.get(idx)
    }

    fn newest_idx(&self, name: StrId) -> usize {
        name.index().min(self.tree.strings.len())
    }

    /// The newest label and goto of a name, to be changed.
    fn newest(&mut self, name: StrId) -> Res<&mut Newest> {
        let idx = self.newest_idx(name);
        let newest = &mut self.labels.newest;
        if newest.is_empty() {
            let len = self.tree.strings.len() + 1;
            let nothing = Newest {
                label: NONE,
                goto: NONE,
            };
            self.meter.reserve(newest, len)?;
            newest.resize(len, nothing);
        }
        newest.get_mut(idx).ok_or(Failed)
    }

    /// Whether `goto name` would find a label behind it.
    pub(super) fn has_label(&self, name: StrId) -> bool {
        self.label(name).is_some()
    }

    /// `goto name` (or `break`).
    #[inline(never)]
    pub(super) fn goto(&mut self, name: StrId, line: Line) -> Res<()> {
        let Some(label) = self.label(name).copied() else {
            let jumps = self.jump();
            return self.add_goto(name, line, jumps);
        };
        if self.func.n_var_regs > label.level {
            self.emit(Op::Close, 0, label.level, 0, 0);
        }
        self.loop_back(label.pc);
        Ok(())
    }

    /// Lets `jumps` go to the label `name` when it appears.
    pub(super) fn add_goto(&mut self, name: StrId, line: Line, jumps: List) -> Res<()> {
        let idx = self.labels.gotos.len() as u32;
        let older = std::mem::replace(&mut self.newest(name)?.goto, idx);
        let goto = Goto {
            name,
            line,
            jumps,
            n_active: self.func.actives.len(),
            level: self.func.n_var_regs,
            closes: false,
            solved: false,
            older,
        };
        Ok(self.meter.push(&mut self.labels.gotos, goto)?)
    }

    /// `::name::`; `last` if only void statements follow it in its block.
    pub(super) fn define_label(&mut self, name: StrId, line: Line, last: bool) -> Res<()> {
        if let Some(label) = self.label(name) {
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
        let idx = self.labels.labels.len() as u32;
        let older = std::mem::replace(&mut self.newest(name)?.label, idx);
        let label = Label {
            name,
            pc: self.func.label(),
            line,
            level,
            older,
        };
        self.meter.push(&mut self.labels.labels, label)?;
        self.solve_gotos(name, n_active)?;
        Ok(())
    }

    /// Lets the gotos to `name` in the current block jump here, where `n_active` variables are in scope.
    /// Says whether that needed a `close`.
    pub(super) fn solve_gotos(&mut self, name: StrId, n_active: usize) -> Res<bool> {
        let first = self.func.scopes.last().map_or(0, |scope| scope.first_goto);
        let name_idx = self.newest_idx(name);
        let Some(newest) = self.labels.newest.get_mut(name_idx) else {
            return Ok(false);
        };
        let mut closes = false;
        let mut wrong = None;
        while newest.goto as usize >= first
            && let Some(goto) = self.labels.gotos.get_mut(newest.goto as usize)
        {
            newest.goto = goto.older;
            goto.solved = true;
            closes |= goto.closes;
            if goto.n_active < n_active {
                // The oldest one is reported.
                wrong = Some(*goto);
            }
            let here = self.func.label();
            self.func.patch(goto.jumps, here, NO_REG, here);
        }
        if let Some(goto) = wrong {
            return self.scope_error(&goto);
        }
        if closes {
            self.emit(Op::Close, 0, self.func.n_var_regs, 0, 0);
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
        while self.labels.labels.len() > first
            && let Some(label) = self.labels.labels.pop()
        {
            let idx = self.newest_idx(label.name);
            if let Some(newest) = self.labels.newest.get_mut(idx) {
                newest.label = label.older;
            }
        }
    }

    /// Hands the pending gotos of a block that ends to the block around it.
    pub(super) fn move_gotos_out(&mut self, scope: &Scope) -> Res<()> {
        let gotos = &mut self.labels.gotos;
        for goto in gotos.get_mut(scope.first_goto..).unwrap_or_default() {
            if goto.level > scope.level {
                goto.closes |= scope.captured;
            }
            goto.level = scope.level;
            goto.n_active = scope.n_active;
        }
        while gotos.len() > scope.first_goto && gotos.last().is_some_and(|goto| goto.solved) {
            gotos.pop();
        }
        Ok(())
    }

    /// Fails if the function that ends has a goto without a label.
    pub(super) fn check_gotos(&mut self) -> Res<()> {
        let first = self.func.first_goto;
        let gotos = self.labels.gotos.get(first..).unwrap_or_default();
        let Some(goto) = gotos.iter().find(|goto| !goto.solved).copied() else {
            self.labels.gotos.truncate(first);
            return Ok(());
        };
        let text = match goto.name {
            BREAK => message::break_outside_loop(goto.line),
            name => message::no_visible_label(self.bytes(name), goto.line),
        };
        self.semantic_error(text)
    }
}
