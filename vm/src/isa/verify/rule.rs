//! What has to be checked of each operation, worked out once.
//!
//! Most instructions have plain operands and nothing else to check. The table tells at one look which ones
//! need more, so that the verifier spends no time on asking each instruction for everything.

use crate::isa::{INFO, Kind, OPS, Op};

/// What has to be checked of an operation.
pub(super) struct Rule {
    /// Kinds of its fields.
    pub a: Kind,
    pub b: Kind,
    pub c: Kind,
    /// The largest number that its field F may hold.
    pub most_flag: u8,
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

    /// The rule for an operation.
    pub fn of(op: Op) -> &'static Rule {
        &RULES[op as usize]
    }

    /// Whether it has any of these traits.
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
        Rule {
            a: info.a,
            b: info.b,
            c: info.c,
            most_flag: has_flag as u8,
            traits,
        }
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
