//! Putting values into registers.
//!
//! Registers form a stack: local variables at the bottom, temporaries above them. An expression is
//! described by an [`Exp`] for as long as possible and moved into a register when the place is known.

use cu_parser::ast::StrId;

use super::consts::MAX_NAME;
use super::expr::{Exp, ExpKind};
use super::fold::Numeral;
use super::func::{NO_REG, Pc, Reg};
use super::jump::List;
use super::{Compiler, Res};
use crate::isa::{MAX_REGISTERS, MAX_SHORT_CONSTS, Op};
use crate::proto::Constant;

impl Compiler<'_> {
    /// Reserves `n` registers above those in use.
    #[inline(always)]
    pub(super) fn reserve(&mut self, n: usize) -> Res<()> {
        self.check_stack(n)?;
        self.func.free_reg += n as Reg;
        Ok(())
    }

    /// Makes sure that `n` registers above those in use exist.
    pub(super) fn check_stack(&mut self, n: usize) -> Res<()> {
        let top = self.func.free_reg as usize + n;
        if top >= MAX_REGISTERS {
            return self.syntax_error(b"function or expression needs too many registers".to_vec());
        }
        self.func.max_stack = self.func.max_stack.max(top as Reg);
        Ok(())
    }

    /// Frees the register of an expression, if it is a temporary.
    #[inline(always)]
    pub(super) fn free_exp(&mut self, e: &Exp) {
        if let ExpKind::Fixed(reg) = e.kind {
            self.func.free(reg);
        }
    }

    /// Frees the registers of two expressions, whatever their order.
    pub(super) fn free_exps(&mut self, a: &Exp, b: &Exp) {
        match (a.kind, b.kind) {
            (ExpKind::Fixed(x), ExpKind::Fixed(y)) => self.func.free_two(x, y),
            _ => {
                self.free_exp(a);
                self.free_exp(b);
            }
        }
    }

    /// Sets `n` registers from `from` to nil.
    pub(super) fn load_nil(&mut self, from: Reg, n: u32) {
        if let Some(ins) = self.func.previous()
            && ins.op == Op::LoadNil
            && ins.a <= from
            && from <= ins.a + ins.b
        {
            ins.b = ins.b.max(from + n - ins.a);
            return;
        }
        self.emit(Op::LoadNil, 0, from, n, 0);
    }

    /// Turns variables and open results into one value, without choosing a register for it.
    #[inline(always)]
    pub(super) fn discharge(&mut self, e: &mut Exp) {
        match e.kind {
            ExpKind::Local(reg) => e.kind = ExpKind::Fixed(reg),
            ExpKind::Upval(_)
            | ExpKind::IndexUp { .. }
            | ExpKind::IndexField { .. }
            | ExpKind::IndexInt { .. }
            | ExpKind::Index { .. } => self.fetch(e),
            ExpKind::Call(_) | ExpKind::Vararg(_) => self.set_one_result(e),
            ExpKind::Void
            | ExpKind::Nil
            | ExpKind::True
            | ExpKind::False
            | ExpKind::Int(_)
            | ExpKind::Float(_)
            | ExpKind::Str(_)
            | ExpKind::Fixed(_)
            | ExpKind::Jump(_)
            | ExpKind::Reloc(_) => {}
        }
    }

    /// The same for an upvalue or an element of a table.
    #[inline(never)]
    fn fetch(&mut self, e: &mut Exp) {
        let pc = match e.kind {
            ExpKind::Upval(idx) => self.emit(Op::GetUpval, 0, 0, idx, 0),
            ExpKind::IndexUp { upval, key } => self.emit(Op::GetUpField, 0, 0, upval, key),
            ExpKind::IndexField { table, key } => {
                self.func.free(table);
                self.emit(Op::GetField, 0, 0, table, key)
            }
            ExpKind::IndexInt { table, key } => {
                self.func.free(table);
                self.emit(Op::GetInt, 0, 0, table, u32::from(key))
            }
            ExpKind::Index { table, key } => {
                self.func.free_two(table, key);
                self.emit(Op::GetIndex, 0, 0, table, key)
            }
            _ => return,
        };
        e.kind = ExpKind::Reloc(pc);
    }

    /// Lets a call or `...` deliver one value.
    pub(super) fn set_one_result(&mut self, e: &mut Exp) {
        match e.kind {
            ExpKind::Call(pc) => e.kind = ExpKind::Fixed(self.func.ins(pc).a),
            ExpKind::Vararg(pc) => {
                self.func.ins(pc).c = 2;
                e.kind = ExpKind::Reloc(pc);
            }
            _ => {}
        }
    }

    /// Lets a call or `...` deliver `n` values, or all of them for `None`, from its window on.
    pub(super) fn set_results(&mut self, e: &Exp, n: Option<u32>) -> Res<()> {
        let count = n.map_or(0, |n| n + 1);
        match e.kind {
            ExpKind::Call(pc) => self.func.ins(pc).c = count,
            ExpKind::Vararg(pc) => {
                let base = self.func.free_reg;
                let ins = self.func.ins(pc);
                (ins.a, ins.c) = (base, count);
                self.reserve(1)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn discharge_to(&mut self, e: &mut Exp, reg: Reg) -> Res<()> {
        self.discharge(e);
        match e.kind {
            ExpKind::Nil => self.load_nil(reg, 1),
            ExpKind::True => {
                self.emit(Op::LoadTrue, 0, reg, 0, 0);
            }
            ExpKind::False => {
                self.emit(Op::LoadFalse, 0, reg, 0, 0);
            }
            ExpKind::Int(value) => match i32::try_from(value) {
                Ok(small) => {
                    self.emit(Op::LoadInt, 0, reg, small as u32, 0);
                }
                Err(_) => self.load_const(reg, Constant::Int(value))?,
            },
            ExpKind::Float(value) => {
                let small = value as i32;
                if f64::from(small).to_bits() == value.to_bits() {
                    self.emit(Op::LoadFloat, 0, reg, small as u32, 0);
                } else {
                    self.load_const(reg, Constant::Float(value.to_bits()))?;
                }
            }
            ExpKind::Str(id) => self.load_const(reg, Constant::Str(id))?,
            ExpKind::Reloc(pc) => self.func.ins(pc).a = reg,
            ExpKind::Fixed(from) => {
                if from != reg {
                    self.emit(Op::Move, 0, reg, from, 0);
                }
            }
            // A jump has no value yet; the others are gone after the discharge.
            ExpKind::Jump(_)
            | ExpKind::Void
            | ExpKind::Local(_)
            | ExpKind::Upval(_)
            | ExpKind::Index { .. }
            | ExpKind::IndexUp { .. }
            | ExpKind::IndexInt { .. }
            | ExpKind::IndexField { .. }
            | ExpKind::Call(_)
            | ExpKind::Vararg(_) => return Ok(()),
        }
        e.kind = ExpKind::Fixed(reg);
        Ok(())
    }

    fn load_const(&mut self, reg: Reg, key: Constant) -> Res<()> {
        let idx = self.constant(key)?;
        self.emit(Op::LoadK, 0, reg, idx, 0);
        Ok(())
    }

    /// As `discharge_to`, into a new register unless the value has one.
    pub(super) fn discharge_to_any(&mut self, e: &mut Exp) -> Res<Reg> {
        self.discharge(e);
        if let ExpKind::Fixed(reg) = e.kind {
            return Ok(reg);
        }
        self.reserve(1)?;
        let reg = self.func.free_reg.saturating_sub(1);
        self.discharge_to(e, reg)?;
        Ok(reg)
    }

    /// Puts the final value of an expression, jumps included, into `reg`.
    #[inline(always)]
    pub(super) fn place_in(&mut self, e: &mut Exp, reg: Reg) -> Res<()> {
        self.discharge_to(e, reg)?;
        if e.has_jumps() || matches!(e.kind, ExpKind::Jump(_)) {
            self.collect_jumps(e, reg);
        } else {
            e.kind = ExpKind::Fixed(reg);
        }
        Ok(())
    }

    /// Ends the jumps of an expression whose value, if it has one without them, is in `reg`.
    #[inline(never)]
    fn collect_jumps(&mut self, e: &mut Exp, reg: Reg) {
        let is_jump = if let ExpKind::Jump(pc) = e.kind {
            self.func.join(&mut e.if_true, List::one(pc));
            true
        } else {
            false
        };
        let (mut load_false, mut load_true) = (0, 0);
        if self.func.needs_value(e.if_true) || self.func.needs_value(e.if_false) {
            let over = if is_jump { List::EMPTY } else { self.jump() };
            self.func.label();
            load_false = self.emit(Op::LoadFalseSkip, 0, reg, 0, 0);
            self.func.label();
            load_true = self.emit(Op::LoadTrue, 0, reg, 0, 0);
            self.func.patch_here(over);
        }
        let end = self.func.label();
        self.func.patch(e.if_false, end, reg, load_false);
        self.func.patch(e.if_true, end, reg, load_true);
        *e = Exp::new(ExpKind::Fixed(reg));
    }

    /// Puts the value of an expression into the next free register.
    pub(super) fn place_next(&mut self, e: &mut Exp) -> Res<Reg> {
        self.discharge(e);
        self.free_exp(e);
        self.reserve(1)?;
        let reg = self.func.free_reg.saturating_sub(1);
        self.place_in(e, reg)?;
        Ok(reg)
    }

    /// Puts the value of an expression into some register.
    #[inline(always)]
    pub(super) fn place_any(&mut self, e: &mut Exp) -> Res<Reg> {
        match e.kind {
            ExpKind::Fixed(reg) | ExpKind::Local(reg) if !e.has_jumps() => {
                e.kind = ExpKind::Fixed(reg);
                Ok(reg)
            }
            _ => self.place_somewhere(e),
        }
    }

    /// The same where it is not in a register yet.
    #[inline(never)]
    fn place_somewhere(&mut self, e: &mut Exp) -> Res<Reg> {
        self.discharge(e);
        if let ExpKind::Fixed(reg) = e.kind {
            if !e.has_jumps() {
                return Ok(reg);
            }
            if reg >= self.func.n_var_regs {
                self.place_in(e, reg)?;
                return Ok(reg);
            }
        }
        self.place_next(e)
    }

    /// Makes an expression a value: discharged, and without pending jumps.
    pub(super) fn make_value(&mut self, e: &mut Exp) -> Res<()> {
        if e.has_jumps() || matches!(e.kind, ExpKind::Jump(_)) {
            self.place_any(e)?;
            return Ok(());
        }
        self.discharge(e);
        Ok(())
    }

    /// Puts a value that is about to be indexed into a register, unless it is an upvalue.
    pub(super) fn make_table(&mut self, e: &mut Exp) -> Res<()> {
        if !matches!(e.kind, ExpKind::Upval(_)) || e.has_jumps() {
            self.place_any(e)?;
        }
        Ok(())
    }

    /// Index of an expression as a constant that fits a 16-bit operand, if it is one.
    pub(super) fn const_operand(&mut self, e: &Exp) -> Res<Option<u32>> {
        if e.has_jumps() {
            return Ok(None);
        }
        let key = match e.kind {
            ExpKind::Nil => Constant::Nil,
            ExpKind::True => Constant::Boolean(true),
            ExpKind::False => Constant::Boolean(false),
            ExpKind::Int(value) => Constant::Int(value),
            ExpKind::Float(value) => Constant::Float(value.to_bits()),
            ExpKind::Str(id) => Constant::Str(id),
            _ => return Ok(None),
        };
        let idx = self.constant(key)?;
        Ok(Some(idx).filter(|&idx| (idx as usize) < MAX_SHORT_CONSTS))
    }

    /// Index of a string as a constant that can name a field, if it is short and early enough.
    pub(super) fn name_operand(&mut self, name: StrId) -> Res<Option<u32>> {
        if self.tree.strings.len_of(name) > MAX_NAME {
            return Ok(None);
        }
        self.const_operand(&Exp::new(ExpKind::Str(name)))
    }

    /// Lets `e` jump if it is false (or nil) and go on if it is true.
    pub(super) fn go_if_true(&mut self, e: &mut Exp) -> Res<()> {
        self.discharge(e);
        let jumps = match e.kind {
            ExpKind::Jump(pc) => {
                self.negate(pc);
                List::one(pc)
            }
            ExpKind::True | ExpKind::Int(_) | ExpKind::Float(_) | ExpKind::Str(_) => List::EMPTY,
            ExpKind::False => self.jump(),
            _ => self.jump_if(e, false)?,
        };
        self.func.join(&mut e.if_false, jumps);
        self.func.patch_here(e.if_true);
        e.if_true = List::EMPTY;
        Ok(())
    }

    /// Lets `e` jump if it is true and go on if it is false (or nil).
    pub(super) fn go_if_false(&mut self, e: &mut Exp) -> Res<()> {
        self.discharge(e);
        let jumps = match e.kind {
            ExpKind::Jump(pc) => List::one(pc),
            ExpKind::Nil | ExpKind::False => List::EMPTY,
            ExpKind::True => self.jump(),
            _ => self.jump_if(e, true)?,
        };
        self.func.join(&mut e.if_true, jumps);
        self.func.patch_here(e.if_false);
        e.if_false = List::EMPTY;
        Ok(())
    }

    fn jump_if(&mut self, e: &mut Exp, condition: bool) -> Res<List> {
        if let ExpKind::Reloc(pc) = e.kind
            && self.func.ins(pc).op == Op::Not
            && pc + 1 == self.func.pc()
        {
            // `not x`: test `x` the other way round. The result is a boolean, not `x`.
            let reg = self.func.ins(pc).b;
            self.func.code.pop();
            let pc = self.emit(Op::Test, u8::from(!condition), reg, 0, 0);
            return Ok(List::one(pc));
        }
        let reg = self.discharge_to_any(e)?;
        self.free_exp(e);
        let pc = self.emit(Op::TestSet, u8::from(condition), NO_REG, reg, 0);
        Ok(List::one(pc))
    }

    /// Turns the condition of a test or compare into its opposite.
    pub(super) fn negate(&mut self, pc: Pc) {
        self.func.ins(pc).f ^= 1;
    }

    /// The number an expression is, if it is a numeral without jumps.
    pub(super) fn numeral(&self, e: &Exp) -> Option<Numeral> {
        match e.kind {
            _ if e.has_jumps() => None,
            ExpKind::Int(value) => Some(Numeral::Int(value)),
            ExpKind::Float(value) => Some(Numeral::Float(value)),
            _ => None,
        }
    }
}
