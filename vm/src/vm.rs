//! The machine's state, its creation, and the collector's roots and pace.
//!
//! [`Vm`] is both the state and the embedding face: what a host or a library function may do with it is in
//! `api.rs` and `api/` (safe: it names stack slots, never addresses). Fields are private to the crate.

use std::ptr::null_mut;

use crate::checked::holds;
use crate::error::ErrorKind;
use crate::heap::object::*;
use crate::heap::{Heap, OutOfMemory, Phase};
use crate::host::Host;
use crate::meta::{EVENT_NAMES, N_EVENTS};
use crate::native::Thrown;
use crate::value::Value;

/// What a new state is given.
#[derive(Clone, Debug)]
pub struct Config {
    /// Most bytes the state may use.
    pub memory_limit: usize,
    /// Units of work it may do, or `None` for no limit.
    pub fuel: Option<u64>,
    /// Seed of the string hash.
    pub seed: u64,
    /// Most slots of one stack (PUC Lua: 1,000,000). Where the memory limit is low there are fewer ([`stack_slots`]).
    pub max_stack: u32,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            memory_limit: usize::MAX / 2,
            fuel: None,
            seed: 0,
            max_stack: 1_000_000,
        }
    }
}

/// How many slots a stack may have where there are so many bytes of memory: so many that a runaway recursion ends with
/// "stack overflow" before its stack and frames have used up the memory, and no more than PUC Lua's. The same memory
/// gives the same number on every engine, so that such a recursion takes the same fuel.
pub fn stack_slots(memory_limit: usize) -> u32 {
    const MOST: u32 = 1_000_000;
    const BYTES_PER_SLOT: usize = 136;
    u32::try_from(memory_limit / BYTES_PER_SLOT).map_or(MOST, |slots| slots.min(MOST))
}

/// A Lua state.
pub struct Vm {
    pub(crate) heap: Heap,
    /// The interpreter loop (see `interp::execute`).
    pub(crate) run: unsafe fn(&mut Vm) -> crate::interp::Exit,
    /// Instructions put aside for a single step (see `interp::hook`).
    pub(crate) breaks: crate::interp::hook::Breaks,
    /// The running thread.
    pub(crate) th: *mut Thread,
    pub(crate) main: *mut Thread,
    pub(crate) registry: *mut Table,
    pub(crate) globals: *mut Table,
    pub(crate) type_meta: [*mut Table; 10],
    pub(crate) events: [*mut Str; N_EVENTS],
    /// "not enough memory", made in advance.
    pub(crate) memory_message: *mut Str,
    /// The names that `type` returns.
    pub(crate) type_names: [*mut Str; 10],
    /// Natives that need no call.
    pub(crate) fast: crate::interp::fast::FastTable,
    /// Fuel of the current slice; when it is gone the loop is left and entered again.
    pub(crate) slice: i32,
    /// Fuel beyond the slice; `u64::MAX` means no limit.
    pub(crate) budget: u64,
    /// Charges past the end of a slice.
    n_charges: u32,
    /// What the last small chunk was loaded with.
    pub(crate) workspace: Option<Box<crate::load::Workspace>>,
    /// The error on its way, while a `Thrown` travels.
    pub(crate) error_value: Value,
    pub(crate) error_kind: ErrorKind,
    /// The message handler has seen this error.
    pub(crate) error_handled: bool,
    /// This error was interrupted by a `__close` method and goes on unchanged.
    pub(crate) reraised: bool,
    /// An error was raised since the last call from outside ended: if the host sees it, nobody has delivered it.
    pub(crate) raised: bool,
    /// Kind of the error that was last delivered to a protected call.
    pub(crate) last_failure: ErrorKind,
    /// Message handlers running now.
    pub(crate) in_handler: u32,
    /// Nested runs and resumes: bounded like PUC's C calls.
    pub(crate) depth: u32,
    pub(crate) max_stack: usize,
    pub(crate) host: Box<dyn Host>,
    /// Memory that the host's files take, already taken off the heap's limit.
    pub(crate) file_bytes: usize,
    /// The run is being ended with this status.
    pub(crate) exit_status: Option<i32>,
    /// The end of the run closes the main thread's variables.
    pub(crate) exit_closes: bool,
    pub(crate) random: [u64; 4],
    pub(crate) warnings: bool,
    pub(crate) binary_chunks: bool,
    pub(crate) buffers: Vec<Vec<u8>>,
    /// An allocation has failed: everything is collected at the next safe point. The allocator may have said no well
    /// below the limit, because of gaps between blocks that no count knows of; it would go on saying no.
    pub(crate) exhausted: bool,
    /// A table has grown past the collector's threshold: a step is due at the next safe point.
    pub(crate) growth_due: bool,
    /// Payloads of the natives that generic loops need not call: `next` and the iterator of `ipairs`.
    pub(crate) next_payload: u64,
    pub(crate) ipairs_payload: u64,
    /// What stands for external tables, and the functions that reach them.
    pub(crate) externals: crate::api::Externals,
    /// What a crate above this one keeps with the machine.
    pub(crate) extension: Option<Box<dyn std::any::Any>>,
    /// What the library keeps with it.
    pub(crate) kept: Option<Box<dyn std::any::Any>>,
}

/// Most nested runs and resumes (PUC's `LUAI_MAXCCALLS`). A level is at most four functions on the native stack, from one
/// entry of the loop to the next, so that a thousand are enough for everything: `interp/nested.rs` counts.
pub(crate) const MAX_DEPTH: u32 = 200;
/// How often a library function that goes on past the end of a slice asks whether the run is to end.
const CHARGES_PER_POLL: u64 = 64;
/// Work of so many units, at once or since the last question, is reason to ask, too: a collection of 16 MB takes twice
/// as many, and 20 ms.
const POLLED_UNITS: u64 = 32_768;
/// Fewest slots that a stack may be held to.
const LEAST_STACK: u32 = 1000;
/// Bytes allocated between two cycles of the collector at least. A small state that runs many small chunks would
/// otherwise mark its libraries all the time.
const LEAST_PAUSE: usize = 256 * 1024;
/// Bytes allocated between two steps of the collector.
const STEP: usize = 16 * 1024;

/// How many finalizers a step runs at most: several times as many as there are objects with one in what a step allows
/// to be allocated, so that a program which makes such objects all the time does not get ahead of them.
const FINALIZERS_PER_STEP: usize = STEP / 8;

impl Vm {
    /// A state without any library.
    pub fn new(host: Box<dyn Host>, config: Config) -> Result<Vm, OutOfMemory> {
        let mut heap = Heap::new(config.memory_limit, config.seed)?;
        let main = heap.new_thread()?;
        let registry = heap.new_table()?;
        let globals = heap.new_table()?;
        let memory_message = heap.new_string(b"not enough memory")?;
        let type_names = crate::interp::fast::type_names(&mut heap);
        let mut events = [null_mut(); N_EVENTS];
        for (slot, name) in events.iter_mut().zip(EVENT_NAMES) {
            *slot = heap.intern(name.as_bytes())?;
        }
        heap.mode_name = events[crate::meta::Event::Mode as usize];
        // SAFETY: objects just made.
        unsafe {
            (*main).status = Status::Running;
            (*memory_message).header.mark |= mark::FIXED;
            for name in events {
                (*name).header.mark |= mark::FIXED;
            }
        }
        Ok(Vm {
            heap,
            run: crate::interp::run,
            workspace: None,
            breaks: crate::interp::hook::Breaks::NONE,
            th: main,
            main,
            registry,
            globals,
            type_meta: [null_mut(); 10],
            events,
            memory_message,
            type_names,
            fast: crate::interp::fast::FastTable::new(),
            slice: 0,
            budget: config.fuel.unwrap_or(u64::MAX),
            n_charges: 0,
            error_value: Value::NIL,
            error_kind: ErrorKind::Runtime,
            error_handled: false,
            reraised: false,
            raised: false,
            last_failure: ErrorKind::Runtime,
            in_handler: 0,
            depth: 0,
            max_stack: config
                .max_stack
                .min(stack_slots(config.memory_limit))
                .max(LEAST_STACK) as usize,
            host,
            file_bytes: 0,
            exit_status: None,
            exit_closes: false,
            random: [1, 2, 3, 4],
            warnings: false,
            binary_chunks: true,
            buffers: Vec::new(),
            exhausted: false,
            growth_due: false,
            next_payload: 0,
            ipairs_payload: 0,
            externals: crate::api::Externals::NONE,
            extension: None,
            kept: None,
        })
    }

    // ---- the collector's roots and pace -------------------------------------------------------

    unsafe fn mark_roots(&mut self) {
        // SAFETY: all of these are live objects or null.
        unsafe {
            self.heap.mark_object(self.main);
            self.heap.mark_object(self.th);
            self.heap.mark_object(self.registry);
            self.heap.mark_object(self.globals);
            self.heap.mark_cells();
            self.heap.mark_object(self.externals.known);
            self.heap.mark_object(self.externals.meta);
            self.heap.mark_object(self.externals.private);
            for meta in self.type_meta {
                self.heap.mark_object(meta);
            }
            for name in self.events {
                self.heap.mark_object(name);
            }
            for name in self.type_names {
                self.heap.mark_object(name);
            }
            self.heap.mark_object(self.memory_message);
            self.heap.mark_value(self.error_value);
        }
    }

    /// The only place where collections happen. `extra` bytes are about to be allocated. Everything that is
    /// needed afterwards must be in stack slots below the top or otherwise reachable.
    #[inline(always)]
    pub(crate) fn gc_check(&mut self, extra: usize) {
        if self.gc_near(extra) {
            self.gc_due(extra);
        }
    }

    /// Whether an allocation of `extra` bytes is to be preceded by a step of the collector.
    #[inline(always)]
    pub(crate) fn gc_near(&self, extra: usize) -> bool {
        self.heap.stress.is_due() || self.heap.used + extra >= self.heap.threshold
    }

    /// Collects if `bytes` more would pass the limit. Unlike [`Vm::gc_check`] it does not pace the collector: for what is
    /// taken only seldom, but has to be there.
    pub(crate) fn gc_margin(&mut self, bytes: usize) {
        if self.heap.used.saturating_add(bytes) > self.heap.limit {
            self.gc_due(bytes);
        }
    }

    #[cold]
    #[inline(never)]
    fn gc_due(&mut self, extra: usize) {
        if self.heap.used.saturating_add(extra) > self.heap.limit || self.exhausted {
            // An allocation is about to fail: collect everything first, even when stopped, and what can be read again.
            self.exhausted = false;
            self.new_external_epoch();
            // If the run is to end now, what was to be allocated may as well fail.
            self.collect_in_pieces();
        } else if self.heap.stress.restart() {
            self.collect_quietly();
        } else if self.heap.stopped || self.heap.closing {
            self.heap.set_threshold(self.heap.used + extra + STEP);
            return;
        } else {
            let work = STEP * self.heap.step_multiplier.max(25) as usize / 25;
            self.collector_step(work + extra / 2);
        }
        self.run_finalizers(FINALIZERS_PER_STEP);
    }

    /// One step of the cycle; tells whether it ended.
    pub(crate) fn collector_step(&mut self, budget: usize) -> bool {
        self.heap.work = 0;
        // SAFETY: all live objects are reachable from the roots.
        unsafe {
            if self.heap.phase == Phase::Pause {
                self.start_cycle();
            }
            if self.heap.phase == Phase::Propagate {
                self.heap.propagate(budget);
                if self.heap.is_separated {
                    self.heap.doomed = self.heap.doomed.saturating_add(self.heap.work);
                }
                if !self.heap.gray.is_null() || !self.heap.scanned.is_null() {
                    self.heap.set_threshold(self.heap.used + STEP);
                    return false;
                }
                if !self.finish_marking() || self.heap.work >= budget {
                    self.heap.set_threshold(self.heap.used + STEP);
                    return false;
                }
            }
        }
        if !self.heap.sweep_step(budget) {
            self.heap.set_threshold(self.heap.used + STEP);
            return false;
        }
        self.end_cycle();
        true
    }

    unsafe fn start_cycle(&mut self) {
        self.heap.gray = null_mut();
        self.heap.gray_again = null_mut();
        self.heap.scanned = null_mut();
        self.heap.phase = Phase::Propagate;
        // SAFETY: as `mark_roots`.
        unsafe {
            self.mark_roots();
            // What becomes pending later in the cycle is marked then.
            for i in 0..self.heap.pending.len() {
                let object = self.heap.pending[i];
                self.heap.mark_object(object);
            }
        }
    }

    /// Tells whether it is finished: if not, there is more to propagate.
    #[must_use]
    unsafe fn finish_marking(&mut self) -> bool {
        // SAFETY: as `mark_roots`; the roots may have changed since the start of the cycle.
        unsafe {
            self.mark_roots();
            if !self.heap.atomic() {
                return false;
            }
        }
        self.heap.start_sweep();
        true
    }

    /// Marks all there is at once.
    unsafe fn mark_all(&mut self) {
        // SAFETY: as `mark_roots`.
        unsafe {
            self.heap.propagate(usize::MAX);
            while !self.finish_marking() {
                let before = self.heap.work;
                self.heap.propagate(usize::MAX);
                self.heap.doomed = self.heap.work.saturating_sub(before);
            }
        }
    }

    fn end_cycle(&mut self) {
        self.heap.shrink_strings();
        // What finalizers have had is garbage in the next cycle: if it counted as live, a program that makes such
        // objects only would wait longer for each cycle than for the last.
        let used = self.heap.used;
        let live = used.saturating_sub(self.heap.doomed);
        let pause = self.heap.pause.max(100) as usize;
        self.heap
            .set_threshold((live / 100).saturating_mul(pause).max(used + LEAST_PAUSE));
        holds("the heap", || self.heap.is_whole());
    }

    /// A whole cycle at once. What an unfinished one has marked is thrown away.
    pub(crate) fn collect_quietly(&mut self) {
        // SAFETY: as `collector_step`.
        unsafe {
            if self.heap.phase == Phase::Propagate {
                // Finish it: half-marked objects cannot be told from live ones.
                self.mark_all();
            }
            if self.heap.phase == Phase::Sweep {
                self.heap.sweep_step(usize::MAX);
            }
            self.start_cycle();
            self.mark_all();
            self.heap.work = 0;
            self.heap.sweep_step(usize::MAX);
        }
        self.end_cycle();
    }

    /// A whole cycle on behalf of a program; between its pieces the host may end the run. Tells whether the cycle ended: if
    /// not, later steps go on with it.
    pub(crate) fn collect_in_pieces(&mut self) -> bool {
        /// Work between two questions: about a third of a millisecond.
        const PIECE: usize = 256 * 1024;
        if self.at_base() {
            self.collect_quietly();
            return true;
        }
        let mut is_old = self.heap.phase != Phase::Pause;
        loop {
            let ended = self.collector_step(PIECE);
            if ended && !is_old {
                return true;
            }
            is_old &= !ended;
            if self.host.interrupted() {
                return false;
            }
        }
    }

    /// Runs up to `n` finalizers that are due.
    pub(crate) fn run_finalizers(&mut self, n: usize) {
        if self.heap.in_finalizer {
            return;
        }
        for _ in 0..n {
            if self.heap.pending.is_empty() || !self.run_one_finalizer() {
                return;
            }
        }
    }

    /// Write barrier for a table that now refers to `v`.
    #[inline(always)]
    pub(crate) unsafe fn barrier_table(&mut self, t: *mut Table, v: Value) {
        // SAFETY: a live table, a valid value.
        unsafe {
            if (*t).gray.header.mark & mark::BLACK != 0 && v.is_collectable() {
                self.heap.barrier_store(t, v);
            }
        }
    }

    // ---- limits -----------------------------------------------------------------------------------

    /// Takes fuel for work of data-dependent length.
    #[inline(always)]
    pub fn charge(&mut self, units: u64) -> Result<(), Thrown> {
        if (self.slice as i64) > units as i64 && units < POLLED_UNITS {
            self.slice -= units as i32;
            return Ok(());
        }
        self.charge_slow(units)
    }

    /// The same where there is no way to fail: what there is too little of is missed at the next charge.
    #[inline]
    pub(crate) fn debit(&mut self, units: u64) {
        let here = self.slice.max(0) as u64;
        if units < here {
            self.slice -= units as i32;
            return;
        }
        if self.budget != u64::MAX {
            self.budget = self.budget.saturating_sub(units - here);
        }
        self.slice = 0;
    }

    /// Takes fuel for reading all of a string, which for a short one is nothing.
    #[inline]
    pub(crate) fn debit_reading(&mut self, v: Value, bytes_per_unit: usize) {
        if v.is_string() {
            // SAFETY: a valid string value.
            let len = unsafe { (*v.as_str()).len as usize };
            if len > MAX_SHORT {
                self.debit((len / bytes_per_unit) as u64);
            }
        }
    }

    /// Takes fuel for writing a float that is so large or so small that its digits are found the thorough way.
    #[inline]
    pub(crate) fn debit_float_text(&mut self, v: Value) {
        const USUAL: u64 = 128;
        if v.is_float() {
            let exponent = (v.payload >> 52 & 0x7ff) as i64 - 1023;
            let distance = exponent.unsigned_abs();
            // Zero, infinities and NaN have exponents like these, but a text that is there at once.
            if distance > USUAL && v.as_float().is_finite() && v.as_float() != 0.0 {
                self.debit(distance / 2);
            }
        }
    }

    #[cold]
    fn charge_slow(&mut self, units: u64) -> Result<(), Thrown> {
        let weight = (units / (POLLED_UNITS / CHARGES_PER_POLL)).min(CHARGES_PER_POLL);
        self.n_charges += 1 + weight as u32;
        if self.n_charges >= CHARGES_PER_POLL as u32 {
            self.n_charges = 0;
            self.host.progress(self.fuel_left(), self.heap.used);
            if self.host.interrupted() {
                return Err(self.interrupted());
            }
        }
        if self.budget == u64::MAX {
            self.slice = 0;
            return Ok(());
        }
        let here = self.slice.max(0) as u64;
        if units <= here {
            self.slice -= units as i32;
            return Ok(());
        }
        self.slice = 0;
        let rest = units - here;
        if rest > self.budget {
            self.budget = 0;
            return Err(self.out_of_fuel());
        }
        self.budget -= rest;
        Ok(())
    }

    /// Ends the running slice: the loop is left at the next call or backward jump.
    pub(crate) fn end_slice(&mut self) {
        if self.budget != u64::MAX {
            self.budget = self.budget.saturating_add(self.slice.max(0) as u64);
        }
        self.slice = 0;
    }

    /// Nested calls that are still allowed. For each of them there is room for four functions on the native stack.
    pub fn levels_left(&self) -> u32 {
        MAX_DEPTH.saturating_sub(self.depth)
    }

    /// Fuel that is left; `u64::MAX` when there is no limit.
    pub fn fuel_left(&self) -> u64 {
        if self.budget == u64::MAX {
            u64::MAX
        } else {
            self.budget.saturating_add(self.slice.max(0) as u64)
        }
    }

    /// Sets the fuel that is left; `None` for no limit.
    pub fn set_fuel(&mut self, fuel: Option<u64>) {
        self.slice = 0;
        self.budget = fuel.unwrap_or(u64::MAX);
    }

    /// Gives the loop its next slice.
    pub(crate) fn refill(&mut self) -> Result<(), Thrown> {
        /// So short that a deadline is noticed in time where each unit stands for an allocation and its share of
        /// the collector's work.
        const SLICE: u64 = 10_000;
        if self.slice > 0 {
            return Ok(());
        }
        self.host.progress(self.fuel_left(), self.heap.used);
        if self.host.interrupted() {
            return Err(self.interrupted());
        }
        if self.budget == u64::MAX {
            self.slice = SLICE as i32;
            return Ok(());
        }
        // A slice is spent when it reaches zero, so a machine without fuel does no step at all.
        if self.budget == 0 {
            return Err(self.out_of_fuel());
        }
        let take = SLICE.min(self.budget);
        self.budget -= take;
        self.slice = take as i32;
        Ok(())
    }

    /// Bytes in use.
    pub fn memory_used(&self) -> usize {
        self.heap.used
    }

    /// Bytes that may still be taken.
    pub fn memory_room(&self) -> usize {
        self.heap.limit.saturating_sub(self.heap.used)
    }

    /// Most bytes the state may use from now on.
    pub fn set_memory_limit(&mut self, bytes: usize) {
        self.heap.limit = bytes.saturating_sub(self.file_bytes);
    }

    /// Lets the `n`-th allocation from now on fail (0 is the next one), and all after it if `for_ever`; `None` ends that.
    /// Gives the number of allocations since it was called last.
    #[cfg(debug_assertions)]
    pub fn fail_allocation(&mut self, n: Option<u64>, for_ever: bool) -> u64 {
        let n_asked = self.heap.failing.n_asked;
        self.heap.failing = crate::heap::alloc::Failing {
            left: n,
            for_ever,
            n_asked: 0,
        };
        n_asked
    }

    /// Most slots that one stack may have from now on.
    pub fn set_max_stack(&mut self, slots: u32) {
        self.max_stack = slots.max(LEAST_STACK) as usize;
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        // Finalizers run in `close`; dropping only frees.
        self.heap.closing = true;
    }
}
