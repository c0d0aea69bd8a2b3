//! The heap: allocation, accounting and the incremental tri-colour collector.
//!
//! Objects never move. Collections happen only in [`crate::Vm::gc_check`]; an allocation by itself never
//! collects, so code between two checks may hold raw addresses. Every stack slot holds a valid value at
//! all times: the atomic phase marks what lies below a thread's top and clears what lies above it.
//!
//! All memory of the machine is counted in `used`: cells and blocks at their rounded size, everything
//! else at its capacity. An allocation that would pass `limit` fails with [`OutOfMemory`].

pub(crate) mod access;
pub(crate) mod alloc;
mod check;
pub(crate) mod ephemeron;
pub(crate) mod mark;
pub(crate) mod object;
mod scan;
pub(crate) mod strings;
pub(crate) mod sweep;
#[cfg(test)]
mod tests;

pub use cu_lexer::OutOfMemory;

pub(crate) use alloc::Heap;

/// Where the collector is in its cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Between cycles.
    Pause,
    /// Marking, in steps.
    Propagate,
    /// Sweeping, in steps and on demand.
    Sweep,
}

/// The two documented modes; both are served by the incremental collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GcMode {
    /// Marks and sweeps in small steps.
    Incremental,
    /// Accepted; a step is a full collection then.
    Generational,
}
