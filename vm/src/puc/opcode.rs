//! The instructions of PUC Lua 5.4, declared once.
//!
//! An instruction is one 32-bit word. Its low seven bits are the operation, then come
//!
//! ```text
//!   7      15 16       24       32
//!   +------+-+--------+--------+
//!   |  A   |k|   B    |   C    |   ABC
//!   |  A   |        Bx         |   ABx   (sBx: less 65,535)
//!   |         Ax               |   Ax    (sJ: less 16,777,215)
//!   +------+-+--------+--------+
//! ```
//!
//! Signed numbers in the fields B and C are less 127. This module knows what the fields name, not
//! what the instructions do: `translate.rs` does.

/// What a field names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A number, or nothing at all: any bits will do.
    Free,
    /// A register.
    Reg,
    /// A constant.
    Const,
    /// A constant that is a string of at most 40 bytes.
    Name,
    /// A constant that is a number.
    Number,
    /// A constant that is an integer.
    Integer,
    /// A constant if the bit k is set, else a register.
    Either,
    /// An upvalue.
    Upval,
    /// A constant, in the field Bx.
    WideConst,
    /// A nested function, in the field Bx.
    Proto,
}

macro_rules! opcodes {
    ($( $variant:ident = $name:literal, $a:ident $b:ident $c:ident; )*) => {
        /// An operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the manual of these is PUC Lua's lopcodes.h")]
        #[repr(u8)]
        pub enum Opcode { $( $variant, )* }

        /// All operations, in the order of their numbers.
        pub const OPCODES: &[Opcode] = &[ $( Opcode::$variant, )* ];

        /// Their names in PUC Lua's listings.
        const NAMES: &[&str] = &[ $( $name, )* ];

        /// What their fields A, B and C name.
        const FIELDS: &[[Field; 3]] = &[ $( [Field::$a, Field::$b, Field::$c], )* ];
    };
}

opcodes! {
    Move = "MOVE", Reg Reg Free;
    LoadI = "LOADI", Reg Free Free;
    LoadF = "LOADF", Reg Free Free;
    LoadK = "LOADK", Reg WideConst Free;
    LoadKx = "LOADKX", Reg Free Free;
    LoadFalse = "LOADFALSE", Reg Free Free;
    LFalseSkip = "LFALSESKIP", Reg Free Free;
    LoadTrue = "LOADTRUE", Reg Free Free;
    LoadNil = "LOADNIL", Reg Free Free;
    GetUpval = "GETUPVAL", Reg Upval Free;
    SetUpval = "SETUPVAL", Reg Upval Free;
    GetTabUp = "GETTABUP", Reg Upval Name;
    GetTable = "GETTABLE", Reg Reg Reg;
    GetI = "GETI", Reg Reg Free;
    GetField = "GETFIELD", Reg Reg Name;
    SetTabUp = "SETTABUP", Upval Name Either;
    SetTable = "SETTABLE", Reg Reg Either;
    SetI = "SETI", Reg Free Either;
    SetField = "SETFIELD", Reg Name Either;
    NewTable = "NEWTABLE", Reg Free Free;
    SelfOp = "SELF", Reg Reg Either;
    AddI = "ADDI", Reg Reg Free;
    AddK = "ADDK", Reg Reg Number;
    SubK = "SUBK", Reg Reg Number;
    MulK = "MULK", Reg Reg Number;
    ModK = "MODK", Reg Reg Number;
    PowK = "POWK", Reg Reg Number;
    DivK = "DIVK", Reg Reg Number;
    IDivK = "IDIVK", Reg Reg Number;
    BAndK = "BANDK", Reg Reg Integer;
    BOrK = "BORK", Reg Reg Integer;
    BXorK = "BXORK", Reg Reg Integer;
    ShrI = "SHRI", Reg Reg Free;
    ShlI = "SHLI", Reg Reg Free;
    Add = "ADD", Reg Reg Reg;
    Sub = "SUB", Reg Reg Reg;
    Mul = "MUL", Reg Reg Reg;
    Mod = "MOD", Reg Reg Reg;
    Pow = "POW", Reg Reg Reg;
    Div = "DIV", Reg Reg Reg;
    IDiv = "IDIV", Reg Reg Reg;
    BAnd = "BAND", Reg Reg Reg;
    BOr = "BOR", Reg Reg Reg;
    BXor = "BXOR", Reg Reg Reg;
    Shl = "SHL", Reg Reg Reg;
    Shr = "SHR", Reg Reg Reg;
    MmBin = "MMBIN", Reg Reg Free;
    MmBinI = "MMBINI", Reg Free Free;
    MmBinK = "MMBINK", Reg Const Free;
    Unm = "UNM", Reg Reg Free;
    BNot = "BNOT", Reg Reg Free;
    Not = "NOT", Reg Reg Free;
    Len = "LEN", Reg Reg Free;
    Concat = "CONCAT", Reg Free Free;
    Close = "CLOSE", Reg Free Free;
    Tbc = "TBC", Reg Free Free;
    Jmp = "JMP", Free Free Free;
    Eq = "EQ", Reg Reg Free;
    Lt = "LT", Reg Reg Free;
    Le = "LE", Reg Reg Free;
    EqK = "EQK", Reg Const Free;
    EqI = "EQI", Reg Free Free;
    LtI = "LTI", Reg Free Free;
    LeI = "LEI", Reg Free Free;
    GtI = "GTI", Reg Free Free;
    GeI = "GEI", Reg Free Free;
    Test = "TEST", Reg Free Free;
    TestSet = "TESTSET", Reg Reg Free;
    Call = "CALL", Reg Free Free;
    TailCall = "TAILCALL", Reg Free Free;
    Return = "RETURN", Free Free Free;
    Return0 = "RETURN0", Free Free Free;
    Return1 = "RETURN1", Reg Free Free;
    ForLoop = "FORLOOP", Reg Free Free;
    ForPrep = "FORPREP", Reg Free Free;
    TForPrep = "TFORPREP", Reg Free Free;
    TForCall = "TFORCALL", Reg Free Free;
    TForLoop = "TFORLOOP", Reg Free Free;
    SetList = "SETLIST", Reg Free Free;
    Closure = "CLOSURE", Reg Proto Free;
    Vararg = "VARARG", Reg Free Free;
    VarargPrep = "VARARGPREP", Free Free Free;
    ExtraArg = "EXTRAARG", Free Free Free;
}

impl Opcode {
    /// Its name in PUC Lua's listings.
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// What its fields A, B and C name.
    pub fn fields(self) -> [Field; 3] {
        FIELDS[self as usize]
    }
}

/// An instruction word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(pub u32);

/// What a signed number in a field of eight bits is less than the bits say.
const OFFSET_C: i16 = 127;
/// The same for Bx.
const OFFSET_BX: i32 = 65_535;
/// The same for a jump.
const OFFSET_J: i64 = 16_777_215;

impl Word {
    /// The operation, if there is one of that number.
    pub fn op(self) -> Option<Opcode> {
        OPCODES.get((self.0 & 0x7f) as usize).copied()
    }

    /// Field A.
    pub fn a(self) -> u8 {
        (self.0 >> 7) as u8
    }

    /// The bit k, as 0 or 1.
    pub fn k(self) -> u8 {
        (self.0 >> 15 & 1) as u8
    }

    /// Field B.
    pub fn b(self) -> u8 {
        (self.0 >> 16) as u8
    }

    /// Field C.
    pub fn c(self) -> u8 {
        (self.0 >> 24) as u8
    }

    /// Field B as a signed number.
    pub fn sb(self) -> i16 {
        i16::from(self.b()) - OFFSET_C
    }

    /// Field C as a signed number.
    pub fn sc(self) -> i16 {
        i16::from(self.c()) - OFFSET_C
    }

    /// Field Bx.
    pub fn bx(self) -> u32 {
        self.0 >> 15
    }

    /// Field Bx as a signed number.
    pub fn sbx(self) -> i32 {
        self.bx() as i32 - OFFSET_BX
    }

    /// Field Ax.
    pub fn ax(self) -> u32 {
        self.0 >> 7
    }

    /// The distance of a jump.
    pub fn sj(self) -> i64 {
        i64::from(self.ax()) - OFFSET_J
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_83_operations_and_numbers_find_them() {
        assert_eq!(OPCODES.len(), 83);
        for (number, &op) in OPCODES.iter().enumerate() {
            assert_eq!(Word(number as u32 | 0xffff_ff80).op(), Some(op));
        }
        assert_eq!(Word(83).op(), None);
    }

    #[test]
    fn fields_are_where_lopcodes_says() {
        // The listing of `luac` for these words: ADDI 6 1 -1; LOADI 2 -1; JMP -6.
        let add = Word(21 | 6 << 7 | 1 << 16 | 126 << 24);
        assert_eq!(
            (add.op(), add.a(), add.b(), add.sc()),
            (Some(Opcode::AddI), 6, 1, -1)
        );
        let load = Word(1 | 2 << 7 | 65_534 << 15);
        assert_eq!((load.a(), load.sbx()), (2, -1));
        let jump = Word(56 | (16_777_215 - 6) << 7);
        assert_eq!(jump.sj(), -6);
    }
}
