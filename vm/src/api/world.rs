//! The libraries' state, the host, and the end of the run.

use super::*;

impl Vm {
    // ---- state of the libraries, the host ----------------------------------------------------------------

    /// The world outside.
    pub fn host(&mut self) -> &mut (dyn Host + 'static) {
        &mut *self.host
    }

    /// Lets `act` do something to the host's files that may change how much memory they take: they get no more than
    /// the memory limit leaves, and what they take is taken off it.
    pub fn with_files<T>(&mut self, act: impl FnOnce(&mut dyn Host) -> T) -> T {
        self.before_files();
        let result = act(&mut *self.host);
        self.after_files();
        result
    }

    /// Not in line, as its twin is not: what is the same for all of them is there once.
    #[inline(never)]
    fn before_files(&mut self) {
        let room = self.heap.limit.saturating_sub(self.heap.used);
        self.host.set_memory_room(room);
    }

    #[inline(never)]
    fn after_files(&mut self) {
        let used = self.host.memory_used();
        let limit = self.heap.limit.saturating_add(self.file_bytes);
        self.heap.limit = limit.saturating_sub(used);
        self.file_bytes = used;
    }

    /// Writes the string or number in `slot` to a file. Floats are written as C's `%.14g` does, so without the `.0`
    /// that `tostring` adds.
    pub fn write_to_file(&mut self, file: FileId, slot: Slot) -> HostResult<()> {
        let v = self.value_at(slot);
        let mut space = [0; 32];
        let text: &[u8] = if v.is_string() {
            // SAFETY: its slot keeps the string alive; a host has no way to the machine, so nothing collects.
            unsafe { Str::bytes(v.as_str()) }
        } else if v.is_number() {
            let text = convert::number_text(v, &mut space);
            if v.is_float() {
                text.strip_suffix(b".0").unwrap_or(text)
            } else {
                text
            }
        } else {
            return Err(HostError::new(22, "Invalid argument"));
        };
        if self.file_bytes != 0
            && self.heap.limit.saturating_sub(self.heap.used) < text.len().saturating_mul(2)
        {
            self.collect_quietly();
        }
        self.with_files(|host| host.write(file, text))
    }

    // ---- the end of the run ----------------------------------------------------------------------------

    /// Ends the run: nothing that Lua has catches this, and no pending variable is closed.
    #[cold]
    pub fn exit(&mut self, status: i32) -> Thrown {
        self.exit_closes = false;
        self.exit_status = Some(status);
        self.error_value = Value::NIL;
        self.error_kind = ErrorKind::Exit;
        self.error_handled = true;
        self.reraised = false;
        Thrown(())
    }

    /// As [`Vm::exit`], but on its way the pending variables of the main thread are closed; those of coroutines are
    /// not, as in the reference implementation.
    #[cold]
    pub fn exit_closing(&mut self, status: i32) -> Thrown {
        let thrown = self.exit(status);
        self.exit_closes = true;
        thrown
    }

    /// The status given to [`Vm::exit`], which is forgotten: afterwards the state can be used again.
    pub fn take_exit_status(&mut self) -> Option<i32> {
        self.exit_status.take()
    }

    /// Whether the run is being ended.
    pub fn is_exiting(&self) -> bool {
        self.exit_status.is_some()
    }
    /// State of `math.random`.
    pub fn random_state(&mut self) -> &mut [u64; 4] {
        &mut self.random
    }
    /// Whether warnings are written.
    pub fn warnings_on(&mut self) -> &mut bool {
        &mut self.warnings
    }

    /// Whether programs may load binary chunks. The machine itself loads them all the same; the library asks.
    pub fn binary_chunks_on(&mut self) -> &mut bool {
        &mut self.binary_chunks
    }

    // ---- what the library keeps ------------------------------------------------------------------------

    /// Takes what the library keeps with the machine, if it is a `T`; to be put back.
    pub fn take_kept<T: std::any::Any>(&mut self) -> Option<Box<T>> {
        self.kept.take()?.downcast().ok()
    }

    /// Keeps something with the machine for the library.
    pub fn put_kept(&mut self, kept: Box<dyn std::any::Any>) {
        self.kept = Some(kept);
    }

    /// Counts `bytes` of it as memory in use, as long as the machine lives; false if there is no room for them.
    pub fn count_kept(&mut self, bytes: usize) -> bool {
        self.heap.count(bytes).is_ok()
    }

    /// Takes that back.
    pub fn uncount_kept(&mut self, bytes: usize) {
        self.heap.uncount(bytes);
    }
}
