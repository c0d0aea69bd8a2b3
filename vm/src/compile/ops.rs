//! Operators: choosing the form of an instruction by what is known of its operands.

use cu_parser::ast::{BinaryOp, Line, UnaryOp};

use super::expr::{Exp, ExpKind};
use super::fold::{self, Numeral};
use super::{Compiler, Res};
use crate::isa::Op;

/// The forms of an arithmetic instruction; a form that does not exist is `None`.
struct Forms {
    /// Both operands in registers.
    regs: Op,
    /// A small integer on the right.
    imm: Option<Op>,
    /// A numeric constant on the right.
    constant: Option<Op>,
    /// A numeric constant on the left.
    const_left: Option<Op>,
    /// `imm` and `constant` serve the left side too, with F = 1.
    commutes: bool,
    /// Constants must be integers.
    integral: bool,
}

fn forms(op: BinaryOp) -> Option<Forms> {
    use BinaryOp::*;
    let plain = |regs, imm, constant| Forms {
        regs,
        imm,
        constant,
        const_left: None,
        commutes: false,
        integral: false,
    };
    let bits = |regs, constant| Forms {
        commutes: true,
        integral: true,
        ..plain(regs, None, Some(constant))
    };
    Some(match op {
        Add => Forms {
            commutes: true,
            ..plain(Op::Add, Some(Op::AddI), Some(Op::AddK))
        },
        Mul => Forms {
            commutes: true,
            ..plain(Op::Mul, Some(Op::MulI), Some(Op::MulK))
        },
        Sub => Forms {
            const_left: Some(Op::SubKR),
            ..plain(Op::Sub, Some(Op::SubI), Some(Op::SubK))
        },
        Div => Forms {
            const_left: Some(Op::DivKR),
            ..plain(Op::Div, None, Some(Op::DivK))
        },
        Mod => plain(Op::Mod, Some(Op::ModI), Some(Op::ModK)),
        IDiv => plain(Op::IDiv, Some(Op::IDivI), Some(Op::IDivK)),
        Pow => plain(Op::Pow, None, Some(Op::PowK)),
        BAnd => bits(Op::BAnd, Op::BAndK),
        BOr => bits(Op::BOr, Op::BOrK),
        BXor => bits(Op::BXor, Op::BXorK),
        Shl => plain(Op::Shl, Some(Op::ShlI), None),
        Shr => plain(Op::Shr, Some(Op::ShrI), None),
        Concat | Eq | Ne | Lt | Le | Gt | Ge | And | Or => return None,
    })
}

impl Compiler<'_> {
    /// `op e`
    #[inline(never)]
    pub(super) fn unary(&mut self, op: UnaryOp, e: &mut Exp, line: Line) -> Res<()> {
        self.discharge(e);
        if let Some(number) = self.numeral(e)
            && let Some(result) = fold::unary(op, number)
        {
            *e = numeral_exp(result);
            return Ok(());
        }
        let op = match op {
            UnaryOp::Not => return self.not(e),
            UnaryOp::Neg => Op::Unm,
            UnaryOp::Len => Op::Len,
            UnaryOp::BNot => Op::BNot,
        };
        let reg = self.place_any(e)?;
        self.free_exp(e);
        *e = Exp::new(ExpKind::Reloc(self.emit(op, 0, 0, reg, 0)));
        self.fix_line(line);
        Ok(())
    }

    fn not(&mut self, e: &mut Exp) -> Res<()> {
        match e.kind {
            ExpKind::Nil | ExpKind::False => e.kind = ExpKind::True,
            ExpKind::True | ExpKind::Int(_) | ExpKind::Float(_) | ExpKind::Str(_) => {
                e.kind = ExpKind::False;
            }
            ExpKind::Jump(pc) => self.negate(pc),
            _ => {
                let reg = self.discharge_to_any(e)?;
                self.free_exp(e);
                e.kind = ExpKind::Reloc(self.emit(Op::Not, 0, 0, reg, 0));
            }
        }
        std::mem::swap(&mut e.if_true, &mut e.if_false);
        self.func.drop_values(e.if_true);
        self.func.drop_values(e.if_false);
        Ok(())
    }

    /// What must happen to a left operand before the right one is compiled.
    pub(super) fn before_operator(&mut self, op: BinaryOp, e: &mut Exp) -> Res<()> {
        self.discharge(e);
        match op {
            BinaryOp::And => self.go_if_true(e),
            BinaryOp::Or => self.go_if_false(e),
            BinaryOp::Concat => self.place_next(e).map(|_| ()),
            BinaryOp::Eq | BinaryOp::Ne if e.is_const() => Ok(()),
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge
                if e.small_int().is_some() =>
            {
                Ok(())
            }
            BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge => self.place_any(e).map(|_| ()),
            BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::Mod
            | BinaryOp::Pow
            | BinaryOp::Div
            | BinaryOp::IDiv
            | BinaryOp::BAnd
            | BinaryOp::BOr
            | BinaryOp::BXor
            | BinaryOp::Shl
            | BinaryOp::Shr => {
                if self.numeral(e).is_none() {
                    self.place_any(e)?;
                }
                Ok(())
            }
        }
    }

    /// `e op rhs`, after `before_operator`; the result is in `e`.
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        e: &mut Exp,
        rhs: &mut Exp,
        line: Line,
    ) -> Res<()> {
        self.discharge(rhs);
        if let (Some(a), Some(b)) = (self.numeral(e), self.numeral(rhs))
            && let Some(result) = fold::binary(op, a, b)
        {
            *e = numeral_exp(result);
            return Ok(());
        }
        if let Some(forms) = forms(op) {
            return self.arith(&forms, e, rhs, line);
        }
        match op {
            BinaryOp::And => {
                self.func.join(&mut rhs.if_false, e.if_false);
                *e = *rhs;
                Ok(())
            }
            BinaryOp::Or => {
                self.func.join(&mut rhs.if_true, e.if_true);
                *e = *rhs;
                Ok(())
            }
            BinaryOp::Concat => self.concat(e, rhs, line),
            BinaryOp::Eq => self.equal(true, e, rhs),
            BinaryOp::Ne => self.equal(false, e, rhs),
            BinaryOp::Lt => self.order(Op::Lt, e, rhs),
            BinaryOp::Le => self.order(Op::Le, e, rhs),
            // `a > b` is `b < a`, with the operands in that order for metamethods too.
            BinaryOp::Gt => {
                std::mem::swap(e, rhs);
                self.order(Op::Lt, e, rhs)
            }
            _ => {
                std::mem::swap(e, rhs);
                self.order(Op::Le, e, rhs)
            }
        }
    }

    #[inline(never)]
    fn arith(&mut self, forms: &Forms, e: &mut Exp, rhs: &mut Exp, line: Line) -> Res<()> {
        let (op, flag, b, c) = self.arith_operands(forms, e, rhs)?;
        self.free_exps(e, rhs);
        *e = Exp::new(ExpKind::Reloc(self.emit(op, flag, 0, b, c)));
        self.fix_line(line);
        Ok(())
    }

    fn arith_operands(
        &mut self,
        forms: &Forms,
        e: &mut Exp,
        rhs: &mut Exp,
    ) -> Res<(Op, u8, u32, u32)> {
        if self.numeral(rhs).is_some() {
            if let (Some(op), Some(imm)) = (forms.imm, rhs.small_int())
                && (imm > 0 || !matches!(op, Op::ModI | Op::IDivI))
            {
                let reg = self.place_any(e)?;
                return Ok((op, 0, reg, imm as u32));
            }
            if let (Some(op), Some(idx)) = (forms.constant, self.number_operand(forms, rhs)?) {
                let reg = self.place_any(e)?;
                return Ok((op, 0, reg, idx));
            }
        } else if forms.commutes {
            if let (Some(op), Some(imm)) = (forms.imm, e.small_int()) {
                let reg = self.place_any(rhs)?;
                return Ok((op, 1, reg, imm as u32));
            }
            if let (Some(op), Some(idx)) = (forms.constant, self.number_operand(forms, e)?) {
                let reg = self.place_any(rhs)?;
                return Ok((op, 1, reg, idx));
            }
        } else if let (Some(op), Some(idx)) = (forms.const_left, self.number_operand(forms, e)?) {
            let reg = self.place_any(rhs)?;
            return Ok((op, 0, idx, reg));
        }
        // A left operand that is still a constant is loaded after the right one.
        let c = self.place_any(rhs)?;
        let b = self.place_any(e)?;
        Ok((forms.regs, 0, b, c))
    }

    /// Index of a numeric constant that the operation can take.
    fn number_operand(&mut self, forms: &Forms, e: &Exp) -> Res<Option<u32>> {
        if forms.constant.is_none() && forms.const_left.is_none() {
            return Ok(None);
        }
        match self.numeral(e) {
            Some(Numeral::Float(_)) if forms.integral => Ok(None),
            Some(_) => self.const_operand(e),
            None => Ok(None),
        }
    }

    #[inline(never)]
    fn concat(&mut self, e: &mut Exp, rhs: &mut Exp, line: Line) -> Res<()> {
        let second = self.place_next(rhs)?;
        let first = match e.kind {
            ExpKind::Fixed(reg) => reg,
            _ => second.saturating_sub(1),
        };
        if let Some(ins) = self.func.previous()
            && ins.op == Op::Concat
            && ins.a == first + 1
        {
            // The right operand is a concatenation: do both in one.
            ins.a = first;
            ins.b += 1;
        } else {
            self.emit(Op::Concat, 0, first, 2, 0);
            self.fix_line(line);
        }
        self.free_exp(rhs);
        Ok(())
    }

    #[inline(never)]
    fn equal(&mut self, wanted: bool, e: &mut Exp, rhs: &mut Exp) -> Res<()> {
        if e.is_const() {
            std::mem::swap(e, rhs);
        }
        let a = self.place_any(e)?;
        let (op, b) = if let Some(imm) = rhs.small_int() {
            (Op::EqI, imm as u32)
        } else if let Some(idx) = self.const_operand(rhs)? {
            (Op::EqK, idx)
        } else {
            (Op::Eq, self.place_any(rhs)?)
        };
        self.compare(op, wanted, a, b, e, rhs);
        Ok(())
    }

    #[inline(never)]
    fn order(&mut self, op: Op, e: &mut Exp, rhs: &mut Exp) -> Res<()> {
        let is_less = op == Op::Lt;
        if let Some(imm) = rhs.small_int() {
            let a = self.place_any(e)?;
            let op = if is_less { Op::LtI } else { Op::LeI };
            self.compare(op, true, a, imm as u32, e, rhs);
            return Ok(());
        }
        if let Some(imm) = e.small_int() {
            let a = self.place_any(rhs)?;
            let op = if is_less { Op::GtI } else { Op::GeI };
            self.compare(op, true, a, imm as u32, e, rhs);
            return Ok(());
        }
        let a = self.place_any(e)?;
        let b = self.place_any(rhs)?;
        self.compare(op, true, a, b, e, rhs);
        Ok(())
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "they are the fields of one instruction"
    )]
    fn compare(&mut self, op: Op, wanted: bool, a: u32, b: u32, e: &mut Exp, rhs: &Exp) {
        self.free_exps(e, rhs);
        let pc = self.emit(op, u8::from(wanted), a, b, 0);
        *e = Exp::new(ExpKind::Jump(pc));
    }
}

fn numeral_exp(number: Numeral) -> Exp {
    Exp::new(match number {
        Numeral::Int(value) => ExpKind::Int(value),
        Numeral::Float(value) => ExpKind::Float(value),
    })
}
