//! Names: local variables, upvalues, and the blocks that bound them.

use cu_parser::ast::{Attrib, Declared, Line, StrId, Strings};

use super::expr::{Exp, ExpKind};
use super::func::{Func, Pc, Reg};
use super::jump::NO_PC;
use super::labels::BREAK;
use super::{Compiler, Res};
use crate::isa::Op;
use crate::proto::{Upvalue, VarKind, Variable};

/// Most local variables of a function in scope at one time.
const MAX_LOCALS: usize = 200;
/// Most upvalues of a function.
const MAX_UPVALS: usize = 255;

/// A local variable in scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    pub name: StrId,
    pub place: Place,
    /// Its debug information in `Func::spans`.
    span: u32,
}

/// Where the value of a local variable is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// In a register.
    Reg(Reg, VarKind),
    /// Known while compiling; it takes no register.
    Known(ExpKind),
}

/// A block of the source, or the invisible block around a loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// Local variables in scope outside of it.
    pub n_active: usize,
    /// Registers they take.
    pub level: Reg,
    /// Labels visible outside of it.
    pub first_label: usize,
    /// Its first goto.
    pub first_goto: usize,
    /// Its first instruction.
    start: Pc,
    /// Some variable in it is an upvalue of another function, or to be closed.
    pub captured: bool,
    /// `break` leaves it.
    is_loop: bool,
    /// It or a block around it has a variable to be closed.
    pub in_tbc: bool,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Var {
    /// A local variable of the current function.
    Local(Reg, VarKind),
    /// An upvalue of the current function.
    Upval(u32, VarKind),
    /// A compile-time constant.
    Known(ExpKind),
    /// A field of `_ENV`.
    Global,
}

impl Func {
    fn find_active(&self, name: StrId) -> Option<(usize, Local)> {
        let found = self
            .actives
            .iter()
            .enumerate()
            .rev()
            .find(|(_, local)| local.name == name);
        found.map(|(idx, local)| (idx, *local))
    }

    fn find_upval(&self, name: StrId) -> Option<(u32, VarKind)> {
        let idx = self.upvals.iter().position(|upval| upval.name == name)?;
        Some((idx as u32, self.upvals.get(idx)?.kind))
    }

    /// Notes that the active variable at `idx` must be closed when its block ends.
    fn capture(&mut self, idx: usize) {
        if let Some(scope) = self
            .scopes
            .iter_mut()
            .rev()
            .find(|scope| scope.n_active <= idx)
        {
            scope.captured = true;
        }
    }
}

impl<'a> Compiler<'a> {
    /// Opens a block.
    pub(super) fn enter_block(&mut self, is_loop: bool) -> Res<()> {
        let in_tbc = self.func.scopes.last().is_some_and(|scope| scope.in_tbc);
        let scope = Scope {
            n_active: self.func.actives.len(),
            level: self.func.n_var_regs,
            first_label: self.labels.n_labels(),
            first_goto: self.labels.n_gotos(),
            start: self.func.pc(),
            captured: false,
            is_loop,
            in_tbc,
        };
        Ok(self.meter.push(&mut self.func.scopes, scope)?)
    }

    /// Closes the innermost block. The outermost block of a function ends with its `return`.
    pub(super) fn leave_block(&mut self) -> Res<()> {
        let Some(scope) = self.func.scopes.last().copied() else {
            return Ok(());
        };
        let outermost = self.func.scopes.len() == 1;
        self.remove_locals(scope.n_active);
        let mut closed = false;
        if scope.is_loop {
            closed = self.solve_gotos(BREAK, scope.n_active)?;
        }
        if scope.captured && !closed && !outermost && !self.func.is_dead_end() {
            self.emit(Op::Close, 0, scope.level, 0, 0);
        }
        self.func.free_reg = scope.level;
        self.forget_labels(scope.first_label);
        if scope.captured {
            self.let_returns_close(scope.start);
        }
        self.func.scopes.pop();
        if outermost {
            self.check_gotos()
        } else {
            self.move_gotos_out(&scope)
        }
    }

    fn let_returns_close(&mut self, start: Pc) {
        while let Some(&pc) = self.func.returns.last() {
            if pc < start {
                break;
            }
            self.func.returns.pop();
            let ins = self.func.ins(pc);
            match ins.op {
                Op::Return0 => (ins.op, ins.b) = (Op::Return, 1),
                Op::Return1 => (ins.op, ins.b) = (Op::Return, 2),
                _ => {}
            }
            ins.f = 1;
        }
    }

    /// Fails if `pending` more local variables and the next one would be too many.
    pub(super) fn check_local_limit(&mut self, pending: usize) -> Res<()> {
        if self.func.actives.len() + pending < MAX_LOCALS {
            return Ok(());
        }
        self.limit_error(b"local variables", MAX_LOCALS, self.func.line_defined)
    }

    /// The same for a list of declared names.
    pub(super) fn check_declared(&mut self, names: &[Declared], pending: usize) -> Res<()> {
        for (n, name) in names.iter().enumerate() {
            self.at(name.line, name.end);
            self.check_local_limit(pending + n)?;
        }
        Ok(())
    }

    /// Brings a variable into scope; its value is in the register after those of the others.
    pub(super) fn activate(&mut self, name: StrId, attrib: Attrib) -> Res<Reg> {
        let kind = match attrib {
            Attrib::None => VarKind::Regular,
            Attrib::Const => VarKind::Const,
            Attrib::Close => VarKind::Close,
        };
        let reg = self.func.n_var_regs;
        let span = self.func.spans.len() as u32;
        let start = self.func.pc();
        self.meter.push(
            &mut self.func.spans,
            Variable {
                name,
                start_pc: start,
                end_pc: NO_PC,
                register: reg as u8,
            },
        )?;
        let local = Local {
            name,
            place: Place::Reg(reg, kind),
            span,
        };
        self.meter.push(&mut self.func.actives, local)?;
        self.func.n_var_regs = reg + 1;
        Ok(reg)
    }

    /// Brings a compile-time constant into scope.
    pub(super) fn activate_known(&mut self, name: StrId, value: ExpKind) -> Res<()> {
        let local = Local {
            name,
            place: Place::Known(value),
            span: u32::MAX,
        };
        Ok(self.meter.push(&mut self.func.actives, local)?)
    }

    /// Lets the span of the newest variable start here (`local function` sees itself, listings do not).
    pub(super) fn restart_span(&mut self) {
        let start = self.func.pc();
        if let Some(span) = self.func.spans.last_mut() {
            span.start_pc = start;
        }
    }

    fn remove_locals(&mut self, n_active: usize) {
        let end = self.func.pc();
        while self.func.actives.len() > n_active {
            let Some(local) = self.func.actives.pop() else {
                break;
            };
            if let Place::Reg(reg, _) = local.place {
                self.func.n_var_regs = reg;
            }
            if let Some(span) = self.func.spans.get_mut(local.span as usize) {
                span.end_pc = end;
            }
        }
    }

    /// Notes that the newest variable of the current block is to be closed.
    pub(super) fn mark_tbc(&mut self) {
        if let Some(scope) = self.func.scopes.last_mut() {
            scope.captured = true;
            scope.in_tbc = true;
        }
    }

    /// What `name` stands for here. This makes upvalues in all functions between.
    pub(super) fn resolve(&mut self, name: StrId) -> Res<Var> {
        if let Some((_, local)) = self.func.find_active(name) {
            return Ok(match local.place {
                Place::Reg(reg, kind) => Var::Local(reg, kind),
                Place::Known(value) => Var::Known(value),
            });
        }
        if let Some((idx, kind)) = self.func.find_upval(name) {
            return Ok(Var::Upval(idx, kind));
        }
        for level in (0..self.outer.len()).rev() {
            let Some(func) = self.outer.get_mut(level) else {
                break;
            };
            let first = if let Some((idx, local)) = func.find_active(name) {
                let (reg, kind) = match local.place {
                    Place::Reg(reg, kind) => (reg, kind),
                    Place::Known(value) => return Ok(Var::Known(value)),
                };
                func.capture(idx);
                Upvalue {
                    name,
                    in_stack: true,
                    index: reg as u8,
                    kind,
                }
            } else if let Some((index, kind)) = func.find_upval(name) {
                Upvalue {
                    name,
                    in_stack: false,
                    index: index as u8,
                    kind,
                }
            } else {
                continue;
            };
            return self.add_upvals(level + 1, first);
        }
        Ok(Var::Global)
    }

    /// Adds an upvalue to the function at nesting level `from` and those inside it.
    fn add_upvals(&mut self, from: usize, first: Upvalue) -> Res<Var> {
        let mut upval = first;
        for level in from..=self.outer.len() {
            let func = match self.outer.get_mut(level) {
                Some(func) => func,
                None => &mut self.func,
            };
            if func.upvals.len() >= MAX_UPVALS {
                let line: Line = func.line_defined;
                return self.limit_error(b"upvalues", MAX_UPVALS, line);
            }
            let index = func.upvals.len() as u8;
            self.meter.push(&mut func.upvals, upval)?;
            upval = Upvalue {
                in_stack: false,
                index,
                ..upval
            };
        }
        Ok(Var::Upval(upval.index.into(), upval.kind))
    }

    /// The variable `name` as an expression.
    pub(super) fn name(&mut self, name: StrId) -> Res<Exp> {
        Ok(Exp::new(match self.resolve(name)? {
            Var::Local(reg, _) => ExpKind::Local(reg),
            Var::Upval(idx, _) => ExpKind::Upval(idx),
            Var::Known(value) => value,
            Var::Global => return self.global(name),
        }))
    }

    fn global(&mut self, name: StrId) -> Res<Exp> {
        let mut env = match self.resolve(Strings::ENV)? {
            Var::Local(reg, _) => Exp::new(ExpKind::Local(reg)),
            Var::Upval(idx, _) => Exp::new(ExpKind::Upval(idx)),
            Var::Known(value) => Exp::new(value),
            // The main chunk has `_ENV` as its upvalue, so this is for completeness only.
            Var::Global => Exp::new(ExpKind::Nil),
        };
        self.make_table(&mut env)?;
        self.index(&mut env, &mut Exp::new(ExpKind::Str(name)))?;
        Ok(env)
    }
}
