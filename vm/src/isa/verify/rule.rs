//! What has to be checked of each operation, worked out once.
//!
//! Most instructions have plain operands and nothing else to check. The table tells at one look which ones
//! need more, so that the verifier spends no time on asking each instruction for everything.

use crate::isa::{INFO, Kind, OPS, Op, VALUE_SIZE};

/// What has to be checked of an operation.
pub(super) struct Rule {
    /// Bits of the word that are zero: unused fields, unused flags, and what makes a number no multiple of
    /// the size of a value.
    pub zeros: u64,
    /// Kinds of its fields.
    pub a: Kind,
    pub b: Kind,
    pub c: Kind,
    /// The bits of its second field, which may have those of the third.
    pub b_bits: u32,
    traits: u16,
}

impl Rule {
    /// Its second field has 32 bits.
    pub const LONG: u16 = 1;
    /// A second word follows.
    pub const WIDE: u16 = 1 << 1;
    /// It touches registers beyond those in its fields.
    pub const WINDOW: u16 = 1 << 2;
    /// Not all numbers or constants will do for a field.
    pub const IMMEDIATE: u16 = 1 << 3;
    /// It jumps.
    pub const JUMPS: u16 = 1 << 4;
    /// It may open a register.
    pub const OPENS: u16 = 1 << 5;
    /// It may take an open list, or leave one, or be one of a pair.
    pub const JOINED: u16 = 1 << 6;
    /// A field holds a name.
    pub const NAME: u16 = 1 << 7;
    /// It leaves the function.
    pub const LEAVES: u16 = 1 << 8;
    /// It closes registers.
    pub const CLOSES: u16 = 1 << 9;
    /// It matters to the question which registers are open.
    pub const FLOWS: u16 = Rule::JUMPS | Rule::OPENS | Rule::LEAVES | Rule::CLOSES;

    /// The rule for an operation.
    pub fn of(op: Op) -> &'static Rule {
        &RULES[op as usize]
    }

    /// The rule for the operation of a word, if that is one.
    #[inline(always)]
    pub fn of_word(word: u64) -> Option<&'static Rule> {
        RULES.get(usize::from(word as u8))
    }

    /// Whether nothing has to be checked but the bits that are zero and the limits of its fields.
    #[inline(always)]
    pub fn is_plain(&self) -> bool {
        self.traits & !(Rule::LONG | Rule::LEAVES | Rule::CLOSES) == 0
    }

    /// Whether it has any of these traits.
    #[inline(always)]
    pub fn has(&self, traits: u16) -> bool {
        self.traits & traits != 0
    }

    const fn new(op: Op) -> Rule {
        let info = &INFO[op as usize];
        let mut traits = 0;
        if matches!(
            info.b,
            Kind::ConstD | Kind::ProtoD | Kind::ImmD | Kind::JumpD
        ) {
            traits |= Rule::LONG;
        }
        if info.wide {
            traits |= Rule::WIDE;
        }
        if matches!(info.a, Kind::Window) {
            traits |= Rule::WINDOW;
        }
        if matches!(info.b, Kind::JumpD)
            || matches!(info.c, Kind::Jump)
            || matches!(op, Op::LoadFalseSkip)
        {
            traits |= Rule::JUMPS;
        }
        assert!(!matches!(info.a, Kind::ConstName));
        if matches!(info.b, Kind::ConstName) || matches!(info.c, Kind::ConstName) {
            traits |= Rule::NAME;
        }
        if matches!(op, Op::Return0 | Op::Return1 | Op::Return | Op::TailCall) {
            traits |= Rule::LEAVES;
        }
        if matches!(op, Op::Close) {
            traits |= Rule::CLOSES;
        }
        if matches!(op, Op::Tbc | Op::TForPrep | Op::Closure) {
            traits |= Rule::OPENS;
        }
        if matches!(
            op,
            Op::Call
                | Op::TailCall
                | Op::Return
                | Op::SetList
                | Op::Vararg
                | Op::TForCall
                | Op::TForLoop
        ) {
            traits |= Rule::JOINED;
        }
        if matches!(
            op,
            Op::ModI
                | Op::IDivI
                | Op::AddK
                | Op::SubK
                | Op::MulK
                | Op::ModK
                | Op::PowK
                | Op::DivK
                | Op::IDivK
                | Op::BAndK
                | Op::BOrK
                | Op::BXorK
                | Op::SubKR
                | Op::DivKR
                | Op::EqK
                | Op::LoadNil
                | Op::Concat
                | Op::TForCall
                | Op::Vararg
                | Op::VarargPrep
        ) {
            traits |= Rule::IMMEDIATE;
        }
        let has_flag = matches!(
            op,
            Op::AddI | Op::MulI | Op::AddK | Op::MulK | Op::BAndK | Op::BOrK | Op::BXorK
        ) || matches!(
            op,
            Op::Test | Op::TestSet | Op::Eq | Op::Lt | Op::Le | Op::EqK | Op::EqI
        ) || matches!(op, Op::LtI | Op::LeI | Op::GtI | Op::GeI)
            || matches!(op, Op::TailCall | Op::Return | Op::GetIndex);
        let is_long = traits & Rule::LONG != 0;
        let flags = if has_flag { 0xFE } else { 0xFF };
        // A third field behind a long one would share its bits.
        assert!(!is_long || matches!(info.c, Kind::None));
        let c = if is_long { Kind::ImmU } else { info.c };
        let zeros = flags << 8
            | zeros(info.a, 0xFFFF) << 16
            | zeros(info.b, if is_long { 0xFFFF_FFFF } else { 0xFFFF }) << 32
            | zeros(c, 0xFFFF) << 48;
        Rule {
            zeros,
            a: info.a,
            b: info.b,
            c,
            b_bits: if is_long { u32::MAX } else { 0xFFFF },
            traits,
        }
    }
}

/// Which of the bits `all` of a field are zero.
const fn zeros(kind: Kind, all: u64) -> u64 {
    match kind {
        Kind::None => all,
        Kind::Out | Kind::In | Kind::Window | Kind::Const | Kind::ConstName => {
            VALUE_SIZE as u64 - 1
        }
        Kind::ConstD
        | Kind::Upval
        | Kind::ProtoD
        | Kind::Imm
        | Kind::ImmU
        | Kind::ImmD
        | Kind::Count
        | Kind::Jump
        | Kind::JumpD => 0,
    }
}

static RULES: [Rule; OPS.len()] = {
    let mut rules = [const { Rule::new(Op::Move) }; OPS.len()];
    let mut n = 0;
    while n < OPS.len() {
        rules[n] = Rule::new(OPS[n]);
        n += 1;
    }
    rules
};
