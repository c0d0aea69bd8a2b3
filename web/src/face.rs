//! What the bridge asks of JavaScript: one trait, implemented by an object of JavaScript's (`exports.rs`) and, in tests, by
//! Rust.
//!
//! Nothing here may throw: an implementation turns what goes wrong into an [`Answer`].

/// What a call of JavaScript came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It returned; the message holds a count and that many results.
    Returned,
    /// It threw; the message holds the error value.
    Threw,
    /// It returned a promise with this number.
    Promised(u32),
    /// The run is to end.
    Stopped,
}

/// What work on BigInts came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    /// It is done, and the result has so many bytes.
    Done(usize),
    /// No BigInt is so large.
    TooLarge,
    /// It would take longer than the run may.
    TooLong,
}

/// The other side. Messages lie in the buffer of `wire.rs`.
pub trait Face {
    /// Calls JavaScript's function `function` with the `n` arguments in the message.
    fn call(&self, function: u32, n: u32) -> Answer;

    /// Does `what` to JavaScript's object `object` with the `n` arguments in the message.
    fn act(&self, object: u32, what: ObjectAct, n: u32) -> Answer;

    /// Does the [`work`](crate::wire::work) on BigInts that is told in `buffer`: on the first `n_first` bytes, and on
    /// `n_second` after them. The result takes their place.
    fn calculate(&self, work: u8, buffer: &mut [u8], n_first: usize, n_second: usize) -> Worked;

    /// Lua has forgotten function or object `id`.
    fn forget(&self, id: u32);

    /// Takes what the program has written to standard output or, with `error`, to standard error.
    fn write(&self, error: bool, bytes: &[u8]);

    /// Puts what comes next of standard input at the end of `into`; nothing at its end.
    fn read(&self, into: &mut Vec<u8>);

    /// Whether the run goes on, which has this much fuel left (below 0: no limit) and uses this many bytes.
    fn go_on(&self, fuel_left: f64, memory_used: f64) -> bool;

    /// Milliseconds since 1970.
    fn now(&self) -> f64;

    /// Milliseconds since some moment, never going back.
    fn ticks(&self) -> f64;

    /// A random number of 32 bits.
    fn random(&self) -> u32;

    /// Minutes to add to universal time at a time in milliseconds since 1970.
    fn zone(&self, time: f64) -> f64;
}

/// What Lua does to an object of JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectAct {
    /// Reads a member: `object[key]`.
    Get = 0,
    /// Writes a member: `object[key] = value`.
    Set = 1,
    /// Asks for its text.
    Text = 2,
    /// Asks for its length: `#object`.
    Length = 3,
    /// Calls it: `object(...)`.
    Call = 4,
    /// Asks for its next key and value, after the state that is the argument.
    Next = 5,
}
