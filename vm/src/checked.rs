//! The definitions that the features `checked` and `gc_stress` swap. Nothing else in this crate names either feature.
//!
//! With `checked`, [`holds`] asserts what an unchecked access relies on; in all other builds it is nothing, so its condition
//! is not even computed. The accesses are in `heap/access.rs` and `value.rs`, and the walk over the whole heap, which is
//! such a condition of every collection's end, in `heap/check.rs`.
//!
//! With `gc_stress`, a collection is due at every allocation that may collect, or at every n-th; in all other builds
//! [`Stress`] has no size and never wants one.

/// Asserts the condition of an unchecked access.
#[cfg(feature = "checked")]
#[inline]
#[track_caller]
pub(crate) fn holds(what: &str, condition: impl FnOnce() -> bool) {
    assert!(condition(), "an unchecked access is wrong: {what}");
}

/// Nothing: this is not a checked build.
#[cfg(not(feature = "checked"))]
#[inline(always)]
pub(crate) fn holds(_what: &str, _condition: impl FnOnce() -> bool) {}

#[cfg(not(feature = "gc_stress"))]
pub(crate) use none::Stress;
#[cfg(feature = "gc_stress")]
pub(crate) use stress::Stress;

#[cfg(feature = "gc_stress")]
mod stress {
    use std::cell::Cell;

    /// When a build under stress wants a collection.
    #[derive(Debug)]
    pub(crate) struct Stress {
        every: Cell<u32>,
        left: Cell<u32>,
    }

    impl Stress {
        pub const NEW: Stress = Stress {
            every: Cell::new(1),
            left: Cell::new(1),
        };

        /// Whether this allocation is to be preceded by a collection.
        pub fn is_due(&self) -> bool {
            self.left.set(self.left.get().saturating_sub(1));
            self.left.get() == 0
        }

        /// The collection that was due is made.
        pub fn restart(&self) -> bool {
            self.left.set(self.every.get());
            true
        }
    }

    impl crate::Vm {
        /// From now on a collection is due at every `n`-th allocation that may collect, instead of at every one.
        pub fn stress(&mut self, n: u32) {
            self.heap.stress.every.set(n.max(1));
            self.heap.stress.left.set(n.max(1));
        }
    }
}

#[cfg(not(feature = "gc_stress"))]
mod none {
    /// This build is not under stress.
    #[derive(Debug)]
    pub(crate) struct Stress;

    impl Stress {
        pub const NEW: Stress = Stress;

        #[inline(always)]
        pub fn is_due(&self) -> bool {
            false
        }

        #[inline(always)]
        pub fn restart(&self) -> bool {
            false
        }
    }
}
