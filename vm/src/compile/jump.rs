//! Jump lists: jumps whose target is not yet known, threaded through their own target fields.
//!
//! A member of a list is a `jump`, a `test`, a `test_set` or a compare: in this instruction set the test
//! and its jump are one instruction. A list is closed by patching, which always happens at or after the
//! end of the code so far: only `loop_back` and the loop instructions go backward.

use super::func::{Func, NO_REG, Pc};
use crate::isa::Op;

/// The end of a list.
pub(super) const NO_PC: Pc = Pc::MAX;

/// A list of jumps with its first and last member, so that joining two lists takes no walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct List {
    head: Pc,
    tail: Pc,
}

impl List {
    /// The empty list.
    pub(super) const EMPTY: List = List {
        head: NO_PC,
        tail: NO_PC,
    };

    /// A list of one jump, whose target field is still free.
    pub(super) fn one(pc: Pc) -> List {
        List { head: pc, tail: pc }
    }

    /// Whether it has no members.
    pub(super) fn is_empty(self) -> bool {
        self.head == NO_PC
    }
}

impl Func {
    /// Makes the next instruction a possible jump target, and gives its place.
    pub(super) fn label(&mut self) -> Pc {
        self.last_target = self.pc();
        self.pc()
    }

    /// Adds the members of `more` to `list`.
    pub(super) fn join(&mut self, list: &mut List, more: List) {
        if more.is_empty() {
            return;
        }
        if list.is_empty() {
            *list = more;
            return;
        }
        self.ins(list.tail).target = more.head;
        list.tail = more.tail;
    }

    /// Lets all members jump to the next instruction; values they might carry are not wanted.
    pub(super) fn patch_here(&mut self, list: List) {
        if list.is_empty() {
            return;
        }
        let here = self.label();
        self.patch(list, here, NO_REG, here);
    }

    /// Lets the members that deliver a value put it into `reg` and jump to `with_value`, and all others
    /// jump to `without`.
    pub(super) fn patch(&mut self, list: List, with_value: Pc, reg: u32, without: Pc) {
        let mut pc = list.head;
        while pc != NO_PC {
            let delivers = self.deliver_to(pc, reg);
            let ins = self.ins(pc);
            pc = std::mem::replace(&mut ins.target, if delivers { with_value } else { without });
        }
    }

    /// Whether some member cannot deliver the value it tested.
    pub(super) fn needs_value(&mut self, list: List) -> bool {
        let mut pc = list.head;
        while pc != NO_PC {
            let ins = self.ins(pc);
            if ins.op != Op::TestSet {
                return true;
            }
            pc = ins.target;
        }
        false
    }

    /// Makes all members plain tests.
    pub(super) fn drop_values(&mut self, list: List) {
        let mut pc = list.head;
        while pc != NO_PC {
            self.deliver_to(pc, NO_REG);
            pc = self.ins(pc).target;
        }
    }

    /// Directs the value of a `test_set` to `reg`; false if this jump has none to give. Without a register
    /// to go to, or when the value is there already, a plain `test` remains.
    fn deliver_to(&mut self, pc: Pc, reg: u32) -> bool {
        let ins = self.ins(pc);
        if ins.op != Op::TestSet {
            return false;
        }
        if reg != NO_REG && reg != ins.b {
            ins.a = reg;
        } else {
            ins.op = Op::Test;
            ins.a = ins.b;
            ins.b = 0;
        }
        true
    }
}
