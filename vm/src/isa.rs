//! The instruction set, declared once.
//!
//! An instruction is one 64-bit word, little-endian, read field by field with narrow loads:
//!
//! ```text
//!   byte 0    1     2    3    4    5    6    7
//!       +----+----+---------+---------+---------+
//!       | op |  F |    A    |    B    |    C    |
//!       +----+----+---------+---------+---------+
//!                           |        D (32)     |
//! ```
//!
//! `A`, `B`, `C` are 16 bits, `D` is `B` and `C` together, `F` a flag byte. Register operands and
//! 16-bit constant operands hold the index *times 16*, the size of a value, so that the machine adds
//! them to a base address without a shift. Some operations are followed by a second word that holds an
//! inline cache (a slot hint, zero when fresh) or an index too wide for the first word.
//!
//! Rules the verifier holds (see `verify.rs`), which the machine relies on:
//! - compare-and-jump, test and `jump` go forward only; `loop_back`, `for_loop` and `tfor_loop` are the
//!   only backward jumps, so fuel is charged in these three and in calls;
//! - an operation with an open result list (`call`/`vararg` with C = 0) is directly followed by the
//!   operation that takes it (`call`/`tail_call`/`return`/`set_list` with B = 0);
//! - no jump lands on a second word, nor on the taker of an open list.
//!
//! This module imports nothing: compiler, disassembler, verifier and machine all read it.

pub mod disasm;
pub mod verify;

/// What an operand field means, and what happens to what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The field is not used and is zero.
    None,
    /// A register that is written (index times 16).
    Out,
    /// A register that is read (index times 16).
    In,
    /// The first register of a window, read and written as the operation says (index times 16).
    Window,
    /// A constant (index times 16).
    Const,
    /// A constant that is an interned (short) string (index times 16).
    ConstName,
    /// A constant, index in the 32-bit field D (index itself).
    ConstD,
    /// An upvalue index.
    Upval,
    /// A nested prototype, index in the 32-bit field D.
    ProtoD,
    /// A signed 16-bit integer.
    Imm,
    /// An unsigned 16-bit integer.
    ImmU,
    /// A signed 32-bit integer in the field D.
    ImmD,
    /// A count, or a count plus one where zero means "open"; the operation says which.
    Count,
    /// A jump distance in words from the next instruction, 16 bits, never negative.
    Jump,
    /// A jump distance in words from the next instruction, 32 bits signed in the field D.
    JumpD,
}

impl Kind {
    /// All kinds, in the order of their declaration.
    pub const ALL: &[Kind] = &[
        Kind::None,
        Kind::Out,
        Kind::In,
        Kind::Window,
        Kind::Const,
        Kind::ConstName,
        Kind::ConstD,
        Kind::Upval,
        Kind::ProtoD,
        Kind::Imm,
        Kind::ImmU,
        Kind::ImmD,
        Kind::Count,
        Kind::Jump,
        Kind::JumpD,
    ];
}

/// Static facts about one operation.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// Kind of field A.
    pub a: Kind,
    /// Kind of field B (or D, for the kinds that end in `D`).
    pub b: Kind,
    /// Kind of field C.
    pub c: Kind,
    /// Whether a second word follows.
    pub wide: bool,
}

macro_rules! opcodes {
    ($( $(#[doc = $text:literal])+ $variant:ident = $name:literal, $a:ident $b:ident $c:ident $words:literal; )*) => {
        /// Every operation of the machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Op { $( $(#[doc = $text])+ $variant, )* }

        /// All operations, in the order of their numbers.
        pub const OPS: &[Op] = &[ $( Op::$variant, )* ];

        /// Facts about each operation, indexed by its number.
        pub const INFO: &[OpInfo] = &[ $( OpInfo {
            a: Kind::$a,
            b: Kind::$b,
            c: Kind::$c,
            wide: $words == 2,
        }, )* ];

        /// The mnemonics of all operations in listings, in the order of their numbers.
        pub const NAMES: &[&str] = &[ $( $name, )* ];

        /// One line of pseudo-code for each operation. Only documents need it: the module is without.
        pub const TEXTS: &[&str] = &[ $( concat!($($text),+), )* ];
    };
}

opcodes! {
    // Loads.
    /// `R[A] := R[B]`
    Move = "move", Out In None 1;
    /// `R[A] := D` (an integer)
    LoadInt = "load_int", Out ImmD None 1;
    /// `R[A] := D` (as a float)
    LoadFloat = "load_float", Out ImmD None 1;
    /// `R[A] := K[D]`
    LoadK = "load_k", Out ConstD None 1;
    /// `R[A] := false`
    LoadFalse = "load_false", Out None None 1;
    /// `R[A] := false; pc++` (the next instruction has one word)
    LoadFalseSkip = "load_false_skip", Out None None 1;
    /// `R[A] := true`
    LoadTrue = "load_true", Out None None 1;
    /// `R[A], ..., R[A+B-1] := nil` (B >= 1)
    LoadNil = "load_nil", Window Count None 1;

    // Upvalues and fields of upvalues (global variables are fields of `_ENV`).
    /// `R[A] := U[B]`
    GetUpval = "get_upval", Out Upval None 1;
    /// `U[B] := R[A]`
    SetUpval = "set_upval", In Upval None 1;
    /// `R[A] := U[B][K[C]]`; the second word is a slot hint
    GetUpField = "get_upfield", Out Upval ConstName 2;
    /// `U[A][K[B]] := R[C]`; the second word is a slot hint
    SetUpField = "set_upfield", Upval ConstName In 2;
    /// `U[A][K[B]] := K[C]`; the second word is a slot hint
    SetUpFieldK = "set_upfield_k", Upval ConstName Const 2;

    // Tables.
    /// `R[A] := R[B][R[C]]`; F = 1: it fetches a method (for messages only)
    GetIndex = "get_index", Out In In 1;
    /// `R[A] := R[B][C]` (an integer)
    GetInt = "get_int", Out In ImmU 1;
    /// `R[A] := R[B][K[C]]`; the second word is a slot hint
    GetField = "get_field", Out In ConstName 2;
    /// `R[A][R[B]] := R[C]`
    SetIndex = "set_index", In In In 1;
    /// `R[A][R[B]] := K[C]`
    SetIndexK = "set_index_k", In In Const 1;
    /// `R[A][B] := R[C]` (B an integer)
    SetInt = "set_int", In ImmU In 1;
    /// `R[A][B] := K[C]` (B an integer)
    SetIntK = "set_int_k", In ImmU Const 1;
    /// `R[A][K[B]] := R[C]`; the second word is a slot hint
    SetField = "set_field", In ConstName In 2;
    /// `R[A][K[B]] := K[C]`; the second word is a slot hint
    SetFieldK = "set_field_k", In ConstName Const 2;
    /// `R[A+1] := R[B]; R[A] := R[B][K[C]]`; the second word holds two slot hints
    SelfField = "self", Window In ConstName 2;
    /// `R[A] := {}` with room for B array and C hash entries
    NewTable = "new_table", Out ImmU ImmU 1;
    /// `R[A][W+i] := R[A+i], 1 <= i <= B` (B = 0: up to the top); the second word is W
    SetList = "set_list", Window Count None 2;

    // Arithmetic on registers.
    /// `R[A] := R[B] + R[C]`
    Add = "add", Out In In 1;
    /// `R[A] := R[B] - R[C]`
    Sub = "sub", Out In In 1;
    /// `R[A] := R[B] * R[C]`
    Mul = "mul", Out In In 1;
    /// `R[A] := R[B] % R[C]`
    Mod = "mod", Out In In 1;
    /// `R[A] := R[B] ^ R[C]`
    Pow = "pow", Out In In 1;
    /// `R[A] := R[B] / R[C]`
    Div = "div", Out In In 1;
    /// `R[A] := R[B] // R[C]`
    IDiv = "idiv", Out In In 1;
    /// `R[A] := R[B] & R[C]`
    BAnd = "band", Out In In 1;
    /// `R[A] := R[B] | R[C]`
    BOr = "bor", Out In In 1;
    /// `R[A] := R[B] ~ R[C]`
    BXor = "bxor", Out In In 1;
    /// `R[A] := R[B] << R[C]`
    Shl = "shl", Out In In 1;
    /// `R[A] := R[B] >> R[C]`
    Shr = "shr", Out In In 1;

    // Arithmetic with a small integer; F = 1: the integer was the left operand (add and mul only).
    /// `R[A] := R[B] + C`
    AddI = "add_i", Out In Imm 1;
    /// `R[A] := R[B] - C`
    SubI = "sub_i", Out In Imm 1;
    /// `R[A] := R[B] * C`
    MulI = "mul_i", Out In Imm 1;
    /// `R[A] := R[B] % C` (C > 0)
    ModI = "mod_i", Out In Imm 1;
    /// `R[A] := R[B] // C` (C > 0)
    IDivI = "idiv_i", Out In Imm 1;
    /// `R[A] := R[B] << C`
    ShlI = "shl_i", Out In Imm 1;
    /// `R[A] := R[B] >> C`
    ShrI = "shr_i", Out In Imm 1;

    // Arithmetic with a numeric constant; F = 1: it was the left operand (add, mul, band, bor, bxor only).
    /// `R[A] := R[B] + K[C]`
    AddK = "add_k", Out In Const 1;
    /// `R[A] := R[B] - K[C]`
    SubK = "sub_k", Out In Const 1;
    /// `R[A] := R[B] * K[C]`
    MulK = "mul_k", Out In Const 1;
    /// `R[A] := R[B] % K[C]`
    ModK = "mod_k", Out In Const 1;
    /// `R[A] := R[B] ^ K[C]`
    PowK = "pow_k", Out In Const 1;
    /// `R[A] := R[B] / K[C]`
    DivK = "div_k", Out In Const 1;
    /// `R[A] := R[B] // K[C]`
    IDivK = "idiv_k", Out In Const 1;
    /// `R[A] := R[B] & K[C]` (an integer constant)
    BAndK = "band_k", Out In Const 1;
    /// `R[A] := R[B] | K[C]` (an integer constant)
    BOrK = "bor_k", Out In Const 1;
    /// `R[A] := R[B] ~ K[C]` (an integer constant)
    BXorK = "bxor_k", Out In Const 1;
    /// `R[A] := K[B] - R[C]`
    SubKR = "sub_kr", Out Const In 1;
    /// `R[A] := K[B] / R[C]`
    DivKR = "div_kr", Out Const In 1;

    // Unary operations and concatenation.
    /// `R[A] := -R[B]`
    Unm = "unm", Out In None 1;
    /// `R[A] := ~R[B]`
    BNot = "bnot", Out In None 1;
    /// `R[A] := not R[B]`
    Not = "not", Out In None 1;
    /// `R[A] := #R[B]`
    Len = "len", Out In None 1;
    /// `R[A] := R[A] .. ... .. R[A+B-1]` (B >= 2)
    Concat = "concat", Window Count None 1;

    // Scopes.
    /// closes upvalues and to-be-closed variables from `R[A]` up
    Close = "close", Window None None 1;
    /// marks `R[A]` as to be closed
    Tbc = "tbc", In None None 1;

    // Jumps. Where F is a condition it is 0 or 1.
    /// `pc += D` (forward)
    Jump = "jump", None JumpD None 1;
    /// `pc += D` (backward)
    LoopBack = "loop_back", None JumpD None 1;
    /// `if truthy(R[A]) == F then pc += D`
    Test = "test", In JumpD None 1;
    /// `if truthy(R[B]) == F then R[A] := R[B]; pc += C`
    TestSet = "test_set", Out In Jump 1;
    /// `if (R[A] == R[B]) == F then pc += C`
    Eq = "eq", In In Jump 1;
    /// `if (R[A] < R[B]) == F then pc += C`
    Lt = "lt", In In Jump 1;
    /// `if (R[A] <= R[B]) == F then pc += C`
    Le = "le", In In Jump 1;
    /// `if (R[A] == K[B]) == F then pc += C` (any constant but NaN; raw equality)
    EqK = "eq_k", In Const Jump 1;
    /// `if (R[A] == B) == F then pc += C` (B a small integer)
    EqI = "eq_i", In Imm Jump 1;
    /// `if (R[A] < B) == F then pc += C`
    LtI = "lt_i", In Imm Jump 1;
    /// `if (R[A] <= B) == F then pc += C`
    LeI = "le_i", In Imm Jump 1;
    /// `if (R[A] > B) == F then pc += C`
    GtI = "gt_i", In Imm Jump 1;
    /// `if (R[A] >= B) == F then pc += C`
    GeI = "ge_i", In Imm Jump 1;

    // Loops. A numerical loop owns R[A] (index), R[A+1] (limit, or count of an integer loop), R[A+2] (step)
    // and R[A+3] (the control variable).
    /// prepares a numerical loop; if it does not run at all, `pc += D` (to just after its `for_loop`)
    ForPrep = "for_prep", Window JumpD None 1;
    /// updates the counters; if the loop goes on, `pc += D` (back to the body) and `R[A+3]` is the index
    ForLoop = "for_loop", Window JumpD None 1;
    /// marks `R[A+3]` as to be closed and does `pc += D` (forward, to the `tfor_call`)
    TForPrep = "tfor_prep", Window JumpD None 1;
    /// `R[A+4], ..., R[A+3+C] := R[A](R[A+1], R[A+2])`; always followed by its `tfor_loop`
    TForCall = "tfor_call", Window None Count 1;
    /// `if R[A+4] ~= nil then R[A+2] := R[A+4]; pc += D` (back to the body; A as in `tfor_call`)
    TForLoop = "tfor_loop", Window JumpD None 1;

    // Functions.
    /// `R[A], ... := R[A](R[A+1], ..., R[A+B-1])`; B = 0: arguments up to the top; C - 1 results, C = 0: open
    Call = "call", Window Count Count 1;
    /// `return R[A](R[A+1], ..., R[A+B-1])`; F = 1: close upvalues first; followed by `return R[A] ...` open
    TailCall = "tail_call", Window Count None 1;
    /// `return R[A], ..., R[A+B-2]`; B = 0: up to the top; F = 1: close upvalues and variables first
    Return = "return", Window Count None 1;
    /// `return` (nothing to close)
    Return0 = "return0", None None None 1;
    /// `return R[A]` (nothing to close)
    Return1 = "return1", In None None 1;
    /// `R[A] := closure(P[D])`
    Closure = "closure", Out ProtoD None 1;
    /// `R[A], ..., R[A+C-2] := ...`; C = 0: all of them, open
    Vararg = "vararg", Window None Count 1;
    /// moves the extra arguments below the frame; first instruction of a vararg function with B parameters
    VarargPrep = "vararg_prep", None Count None 1;
}

/// Bytes of a value: register and constant operands are multiples of it.
pub const VALUE_SIZE: usize = 16;
/// Most registers a function may use (so every register operand fits 16 bits).
pub const MAX_REGISTERS: usize = 255;
/// Constants below this index can stand in 16-bit operands.
pub const MAX_SHORT_CONSTS: usize = 4096;

impl Op {
    /// The operation with this number.
    pub fn from_byte(byte: u8) -> Option<Op> {
        OPS.get(byte as usize).copied()
    }

    /// Its mnemonic in listings.
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// Static facts about this operation.
    pub fn info(self) -> &'static OpInfo {
        // The two lists are made by one macro and have one length.
        &INFO[self as usize]
    }
}

/// One instruction word, packed and unpacked by field. Fields hold operands as encoded (registers times 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instr(pub u64);

impl Instr {
    /// An instruction with three 16-bit operands.
    pub fn abc(op: Op, flag: u8, a: u16, b: u16, c: u16) -> Instr {
        Instr(
            op as u64 | (flag as u64) << 8 | (a as u64) << 16 | (b as u64) << 32 | (c as u64) << 48,
        )
    }

    /// An instruction with a 16-bit and a 32-bit operand.
    pub fn ad(op: Op, flag: u8, a: u16, d: u32) -> Instr {
        Instr(op as u64 | (flag as u64) << 8 | (a as u64) << 16 | (d as u64) << 32)
    }

    /// The number of the operation.
    pub fn op_byte(self) -> u8 {
        self.0 as u8
    }
    /// The operation, if the number names one.
    pub fn op(self) -> Option<Op> {
        Op::from_byte(self.0 as u8)
    }
    /// Field F.
    pub fn f(self) -> u8 {
        (self.0 >> 8) as u8
    }
    /// Field A.
    pub fn a(self) -> u16 {
        (self.0 >> 16) as u16
    }
    /// Field B.
    pub fn b(self) -> u16 {
        (self.0 >> 32) as u16
    }
    /// Field C.
    pub fn c(self) -> u16 {
        (self.0 >> 48) as u16
    }
    /// Field D, unsigned.
    pub fn d(self) -> u32 {
        (self.0 >> 32) as u32
    }
    /// Field D, signed.
    pub fn sd(self) -> i32 {
        self.d() as i32
    }
}
