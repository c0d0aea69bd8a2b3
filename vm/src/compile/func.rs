//! The function being compiled: its instructions, constants, registers and scopes.
//!
//! Instructions are kept in a loose form, one [`Ins`] each, with registers and constants as plain
//! indices and jump targets as indices of other instructions; `assemble.rs` packs them into words.

use cu_lexer::{Meter, OutOfMemory};
use cu_parser::ast::Line;

use super::consts::Consts;
use super::jump::NO_PC;
use super::scope::{Local, Scope};
use crate::isa::{MAX_REGISTERS, Op};
use crate::proto::{Upvalue, Variable};

/// Index of an instruction in [`Func::code`].
pub(super) type Pc = u32;
/// Index of a register; checked against the limit when reserved.
pub(super) type Reg = u32;

/// No register: the destination of a `test_set` that nobody has asked for yet.
pub(super) const NO_REG: Reg = MAX_REGISTERS as Reg;
/// More instructions than this in one function count as running out of memory.
const MAX_CODE: usize = 1 << 28;

/// One instruction in loose form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ins {
    /// The operation.
    pub op: Op,
    /// Field F.
    pub f: u8,
    /// Field A, registers not times 16.
    pub a: u32,
    /// Field B (or D), registers and constants not times 16.
    pub b: u32,
    /// Field C likewise; for `set_list`, the second word.
    pub c: u32,
    /// Where it jumps to; while that is open, the next member of its jump list.
    pub target: Pc,
    /// Source line.
    pub line: Line,
}

/// A function under compilation.
#[derive(Debug)]
pub(super) struct Func {
    pub code: Vec<Ins>,
    pub consts: Consts,
    /// Functions in it so far.
    pub n_protos: u32,
    pub upvals: Vec<Upvalue>,
    /// Its local variables, alive between instructions as in `code` until it is assembled.
    pub spans: Vec<Variable>,
    /// Local variables in scope, compile-time constants among them.
    pub actives: Vec<Local>,
    /// Registers taken by the variables in `actives`; temporaries start here.
    pub n_var_regs: Reg,
    /// First free register.
    pub free_reg: Reg,
    pub max_stack: Reg,
    pub scopes: Vec<Scope>,
    /// Its first label and goto among those of all functions.
    pub first_label: usize,
    pub first_goto: usize,
    /// Return instructions not known to need closing, in order.
    pub returns: Vec<Pc>,
    /// The last place that was made a jump target.
    pub last_target: Pc,
    pub line_defined: Line,
    pub n_params: u8,
    pub is_vararg: bool,
    spare: Ins,
}

impl Default for Func {
    fn default() -> Func {
        Func {
            code: Vec::new(),
            consts: Consts::default(),
            n_protos: 0,
            upvals: Vec::new(),
            spans: Vec::new(),
            actives: Vec::new(),
            n_var_regs: 0,
            free_reg: 0,
            max_stack: 2,
            scopes: Vec::new(),
            first_label: 0,
            first_goto: 0,
            returns: Vec::new(),
            last_target: NO_PC,
            line_defined: 0,
            n_params: 0,
            is_vararg: false,
            spare: Ins {
                op: Op::Move,
                f: 0,
                a: 0,
                b: 0,
                c: 0,
                target: NO_PC,
                line: 0,
            },
        }
    }
}

impl Func {
    /// Makes it an empty function again, which keeps the memory of its lists.
    pub(super) fn reset(&mut self, line_defined: Line, is_vararg: bool) {
        self.code.clear();
        self.consts.clear();
        self.upvals.clear();
        self.spans.clear();
        self.actives.clear();
        self.scopes.clear();
        self.returns.clear();
        (self.n_var_regs, self.free_reg, self.max_stack) = (0, 0, 2);
        self.last_target = NO_PC;
        (self.line_defined, self.n_params, self.is_vararg) = (line_defined, 0, is_vararg);
        (self.n_protos, self.first_label, self.first_goto) = (0, 0, 0);
    }

    /// Place of the next instruction.
    pub(super) fn pc(&self) -> Pc {
        self.code.len() as Pc
    }

    /// The instruction at `pc`, which is one that `emit` gave. If there was no memory for it, it is the end of any list
    /// of jumps: all such instructions are the same one, and a list through it would have no end.
    pub(super) fn ins(&mut self, pc: Pc) -> &mut Ins {
        match self.code.get_mut(pc as usize) {
            Some(ins) => ins,
            None => {
                self.spare.target = NO_PC;
                &mut self.spare
            }
        }
    }

    /// The last instruction, unless something may jump to just behind it.
    pub(super) fn previous(&mut self) -> Option<&mut Ins> {
        if self.last_target == self.pc() {
            None
        } else {
            self.code.last_mut()
        }
    }

    /// Appends an instruction.
    #[inline(always)]
    pub(super) fn push(&mut self, meter: &mut Meter, ins: Ins) -> Result<(), OutOfMemory> {
        if self.code.len() >= MAX_CODE {
            return Err(OutOfMemory);
        }
        meter.push(&mut self.code, ins)
    }

    /// Frees a register, if it is a temporary. Temporaries are freed in the opposite order of their reservation.
    pub(super) fn free(&mut self, reg: Reg) {
        if reg >= self.n_var_regs && reg + 1 == self.free_reg {
            self.free_reg = reg;
        }
    }

    /// Frees two registers, the higher one first.
    pub(super) fn free_two(&mut self, a: Reg, b: Reg) {
        self.free(a.max(b));
        self.free(a.min(b));
    }

    /// Whether the code so far cannot run on into the next instruction.
    pub(super) fn is_dead_end(&mut self) -> bool {
        self.previous().is_some_and(|ins| {
            matches!(
                ins.op,
                Op::Return | Op::Return0 | Op::Return1 | Op::Jump | Op::LoopBack
            )
        })
    }
}
