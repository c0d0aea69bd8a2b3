//! What a library function written in Rust is, and how it answers.
//!
//! A native function gets the machine and its arguments, which lie in stack slots. It never holds a Lua
//! value in a Rust variable: it names slots, pushes results on top of the stack, and says how many there
//! are. So a collection may happen in any call it makes, and no root is ever forgotten.
//!
//! A native that must call back into Lua either calls [`Vm::call`](crate::Vm::call) (nested run: limited depth,
//! not yieldable; right for `table.sort` and `string.gsub`), or returns an [`Outcome`] that asks the
//! machine to make the call and come back. Then its whole state is the slots of its frame and a small
//! number, [`Args::state`]; nothing of it lives on the native stack, so it can be suspended and saved.
//!
//! Natives are `static` and have stable full names (`string.byte`), which is how persisted state refers
//! to them.

use std::num::NonZeroU32;

use crate::Vm;

/// A library function: its full name (`table.insert`; plain for base functions) and its code.
#[derive(Debug)]
pub struct Native {
    /// Full name, unique among all natives.
    pub name: &'static str,
    /// Its code.
    pub call: NativeFn,
}

impl Native {
    /// What the field of its library is called: the part of the full name after the last dot.
    pub fn short_name(&self) -> &'static [u8] {
        let name = self.name.as_bytes();
        let dot = name.iter().rposition(|&byte| byte == b'.');
        dot.and_then(|dot| name.get(dot + 1..)).unwrap_or(name)
    }
}

/// The code of a native function.
pub type NativeFn = fn(&mut Vm, Args) -> NativeResult;

/// What a native function returns.
pub type NativeResult = Result<Outcome, Thrown>;

/// An error is on its way; what it is stands in the machine (`Vm`), so that this costs no space.
///
/// Only the machine makes one; a native passes it on with `?`.
#[derive(Debug)]
pub struct Thrown(pub(crate) ());

/// An absolute index into the stack of the running thread.
///
/// A slot at or past the top reads as "no value"; it is never an error to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub(crate) u32);

impl Slot {
    /// The slot that is never there.
    pub const NONE: Slot = Slot(u32::MAX);

    /// The slot `n` places further up.
    #[inline(always)]
    pub fn offset(self, n: u32) -> Slot {
        Slot(self.0.saturating_add(n))
    }

    /// The slot `n` places further down.
    #[inline(always)]
    pub fn below(self, n: u32) -> Slot {
        Slot(self.0.saturating_sub(n))
    }

    /// How many slots lie between `start` (inclusive) and this one.
    #[inline(always)]
    pub fn distance_from(self, start: Slot) -> u32 {
        self.0.saturating_sub(start.0)
    }
}

/// Where the arguments of a native call are: the first slot (32 bits), their number (24), and the state (4).
///
/// One word, because natives hand it to a dozen checks each, and a structure would be copied through memory each time.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Args(u64);

impl Args {
    /// `len` arguments from `base` on, at the first entry when `state` is 0.
    #[inline(always)]
    pub(crate) fn new(base: u32, len: u32, state: u32) -> Args {
        debug_assert!(state < 16 && len <= COUNT_MASK);
        Args(u64::from(base) | u64::from(state << KIND_SHIFT | len) << 32)
    }

    /// Number of arguments.
    #[inline(always)]
    pub fn len(self) -> u32 {
        (self.0 >> 32) as u32 & COUNT_MASK
    }

    #[inline(always)]
    fn base(self) -> u32 {
        self.0 as u32
    }

    /// Whether there are no arguments.
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The slot of argument `i`, counted from 0, or [`Slot::NONE`] when it was not given.
    #[inline(always)]
    pub fn slot(self, i: u32) -> Slot {
        if i < self.len() {
            Slot(self.base() + i)
        } else {
            Slot::NONE
        }
    }

    /// The first slot after the arguments: where the first pushed value goes.
    #[inline(always)]
    pub fn end(self) -> Slot {
        Slot(self.base() + self.len())
    }

    /// 0 at the first entry; afterwards the state given with the [`Outcome`] that asked for a call.
    #[inline(always)]
    pub fn state(self) -> u32 {
        (self.0 >> 60) as u32
    }
}

/// What the machine shall do after a native function returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome(NonZeroU32);

/// An [`Outcome`], taken apart by the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Results(u32),
    Call { n_args: u32, state: u32 },
    ProtectedCall { n_args: u32, state: u32 },
    TailCall { n_args: u32 },
    Yield(u32),
    Resume { n_args: u32, state: u32 },
    Close { state: u32 },
    Suspend(u32),
    HostResume { n_args: u32, state: u32 },
}

const KIND_SHIFT: u32 = 28;
const STATE_SHIFT: u32 = 24;
const COUNT_MASK: u32 = (1 << STATE_SHIFT) - 1;

impl Outcome {
    fn pack(kind: u32, state: u32, n: u32) -> Outcome {
        debug_assert!(state < 16 && n <= COUNT_MASK);
        let word = kind << KIND_SHIFT | (state & 15) << STATE_SHIFT | n.min(COUNT_MASK);
        // Kinds start at 1, so the word is never zero.
        Outcome(NonZeroU32::new(word).unwrap_or(NonZeroU32::MIN))
    }

    /// Done: the top `n` values are the results.
    #[inline(always)]
    pub fn results(n: u32) -> Outcome {
        Outcome::pack(1, 0, n)
    }

    /// Done, as [`Outcome::results`], by a native that may have changed hooks: the machine looks at them again.
    pub fn hooked_results(n: u32) -> Outcome {
        Outcome::pack(8, 0, n)
    }

    /// Call the function that lies below the top `n_args` values, with these arguments and all its
    /// results; then enter this native again with [`Args::state`] `== state` (1 to 15). The results then lie
    /// where the function was, up to the top. The call may yield.
    pub fn call(n_args: u32, state: u32) -> Outcome {
        Outcome::pack(2, state, n_args)
    }

    /// As [`Outcome::call`], but an error comes back too: then [`Vm::call_failed`](crate::Vm::call_failed) is true and the
    /// error value is the only value from where the function was.
    pub fn protected_call(n_args: u32, state: u32) -> Outcome {
        Outcome::pack(3, state, n_args)
    }

    /// Call the function below the top `n_args` values; its results are this native's results.
    pub fn tail_call(n_args: u32) -> Outcome {
        Outcome::pack(4, 0, n_args)
    }

    /// Suspend the running coroutine, handing out the top `n` values. The values given to the next
    /// resume become the results of this native.
    pub fn yield_values(n: u32) -> Outcome {
        Outcome::pack(5, 0, n)
    }

    /// Resume the coroutine that lies below the top `n_args` values with these arguments; then enter
    /// this native again with `state`. What it yielded or returned lies where the coroutine was, up to
    /// the top; if it failed, [`Vm::call_failed`](crate::Vm::call_failed) is true and the error value lies there.
    pub fn resume(n_args: u32, state: u32) -> Outcome {
        Outcome::pack(6, state, n_args)
    }

    /// Close the suspended or dead coroutine on top of the stack (running its pending `__close` methods), then
    /// enter this native again with `state`; `call_failed` tells whether there was an error, whose
    /// value then lies where the coroutine was.
    pub fn close(state: u32) -> Outcome {
        Outcome::pack(7, state, 0)
    }

    /// As [`Outcome::resume`], for the host: the coroutine counts as a main one (it cannot yield, and nobody else
    /// can resume or close it while it waits), and a suspension of it and of all coroutines above it ends here.
    pub fn host_resume(n_args: u32, state: u32) -> Outcome {
        Outcome::pack(10, state, n_args)
    }

    /// Suspend the running coroutine and all that lead to it, down to the one that the host resumed, handing out
    /// the top `n` values. The values given to the next [`Outcome::host_resume`] become the results of this native.
    /// See [`Vm::can_suspend`](crate::Vm::can_suspend).
    pub fn suspend(n: u32) -> Outcome {
        Outcome::pack(9, 0, n)
    }

    #[inline(always)]
    pub(crate) fn plain_results(self) -> Option<u32> {
        let word = self.0.get();
        if word >> STATE_SHIFT == 1 << (KIND_SHIFT - STATE_SHIFT) {
            Some(word & COUNT_MASK)
        } else {
            None
        }
    }

    #[inline(always)]
    pub(crate) fn action(self) -> Action {
        let word = self.0.get();
        let (n_args, state) = (word & COUNT_MASK, word >> STATE_SHIFT & 15);
        match word >> KIND_SHIFT {
            2 => Action::Call { n_args, state },
            3 => Action::ProtectedCall { n_args, state },
            4 => Action::TailCall { n_args },
            5 => Action::Yield(n_args),
            6 => Action::Resume { n_args, state },
            7 => Action::Close { state },
            9 => Action::Suspend(n_args),
            10 => Action::HostResume { n_args, state },
            _ => Action::Results(n_args),
        }
    }
}
