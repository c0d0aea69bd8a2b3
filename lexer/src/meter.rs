//! The memory one compilation may use, counted as it is taken, the key of its hash tables, who may end it, and how deep
//! it is.
//!
//! Source text is input: however long it is, running out of memory must be an error that can be
//! returned. So everything that lexer, parser and compiler keep grows through [`Meter::push`] and
//! [`Meter::extend`], which count every byte of capacity and ask the allocator politely.

/// Memory ran out, or the limit given to [`Meter::new`] was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

/// What a list takes when it grows for the first time.
const FIRST_BYTES: usize = 256;
/// A guess may take this part of what is left.
const GUESS_PART: usize = 16;

/// Turns (tokens, expressions, statements) between two questions to a [`Watch`]: well under a millisecond.
const TURNS: u32 = 4096;

/// Who is asked now and then whether a compilation is to end.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// Whether to end it; it gets `of`.
    pub ask: fn(*mut ()) -> bool,
    /// What belongs to the question.
    pub of: *mut (),
}

/// What one compilation may take.
#[derive(Debug)]
pub struct Meter {
    left: usize,
    key: u64,
    turns: u32,
    watch: Option<Watch>,
    is_stopped: bool,
    level: u32,
}

impl Meter {
    /// A meter that allows `limit` bytes.
    pub fn new(limit: usize) -> Meter {
        Meter::with_key(limit, 0)
    }

    /// The same with the number that hashes start from: unless a source knows it, its names cannot have been
    /// chosen so that they collide.
    pub fn with_key(limit: usize, key: u64) -> Meter {
        Meter {
            left: limit,
            key,
            turns: TURNS,
            watch: None,
            is_stopped: false,
            level: 0,
        }
    }

    /// The same for a compilation that is itself so many levels deep in calls: they count like nested blocks, so that
    /// both together find room on the native stack.
    pub fn at_level(self, level: u32) -> Meter {
        Meter { level, ..self }
    }

    /// Levels in use before the compilation began.
    pub fn level(&self) -> u32 {
        self.level
    }

    /// The same, watched.
    pub fn watched(self, watch: Watch) -> Meter {
        Meter {
            watch: Some(watch),
            ..self
        }
    }

    /// Whether the watch has ended the compilation: then it looks as if memory had run out.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// A step of work: now and then the watch is asked.
    #[inline(always)]
    pub fn turn(&mut self) -> Result<(), OutOfMemory> {
        self.turns -= 1;
        if self.turns == 0 {
            return self.ask();
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn ask(&mut self) -> Result<(), OutOfMemory> {
        self.turns = TURNS;
        if self.watch.is_some_and(|watch| (watch.ask)(watch.of)) {
            self.is_stopped = true;
        }
        if self.is_stopped {
            // Whoever goes on all the same gets nothing any more.
            self.left = 0;
            self.turns = 1;
            return Err(OutOfMemory);
        }
        Ok(())
    }

    /// What hashes start from.
    #[inline(always)]
    pub fn key(&self) -> u64 {
        self.key
    }

    /// Bytes still allowed.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Takes `bytes` from the allowance (for containers other than `Vec`).
    pub fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        self.left = self.left.checked_sub(bytes).ok_or(OutOfMemory)?;
        Ok(())
    }

    /// Appends `item` to `list`, growing it if there is memory.
    #[inline(always)]
    pub fn push<T>(&mut self, list: &mut Vec<T>, item: T) -> Result<(), OutOfMemory> {
        if list.len() == list.capacity() {
            return self.push_and_grow(list, item);
        }
        // That there is room is seen by the optimizer here, so that this is a store.
        list.push(item);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn push_and_grow<T>(&mut self, list: &mut Vec<T>, item: T) -> Result<(), OutOfMemory> {
        self.grow(list, 1)?;
        list.push(item);
        Ok(())
    }

    /// Appends all of `items` to `list`, growing it if there is memory.
    pub fn extend<T: Clone>(&mut self, list: &mut Vec<T>, items: &[T]) -> Result<(), OutOfMemory> {
        if list.capacity() - list.len() < items.len() {
            self.grow(list, items.len())?;
        }
        list.extend_from_slice(items);
        Ok(())
    }

    /// Makes room for `extra` items and no more, for lists that will not grow again.
    pub fn reserve<T>(&mut self, list: &mut Vec<T>, extra: usize) -> Result<(), OutOfMemory> {
        let free = list.capacity() - list.len();
        if free < extra {
            self.take_items(extra - free, size_of::<T>())?;
            list.try_reserve_exact(extra).map_err(|_| OutOfMemory)?;
        }
        Ok(())
    }

    /// Makes room for `n_items` that are likely to come, unless that is much of what is left.
    pub fn expect<T>(&mut self, list: &mut Vec<T>, n_items: usize) {
        let bytes = n_items.saturating_mul(size_of::<T>());
        if bytes >= FIRST_BYTES && bytes <= self.left / GUESS_PART {
            // Without it the list grows when it has to.
            let _ = self.reserve(list, n_items);
        }
    }

    #[cold]
    fn grow<T>(&mut self, list: &mut Vec<T>, extra: usize) -> Result<(), OutOfMemory> {
        let room = self.room(list.len(), list.capacity(), extra, size_of::<T>())?;
        list.try_reserve_exact(room).map_err(|_| OutOfMemory)
    }

    /// How many more items a list of `len` shall have room for, so that there is some for `extra`; what is more than
    /// `capacity` is taken. The same function for lists of all types.
    #[inline(never)]
    fn room(
        &mut self,
        len: usize,
        capacity: usize,
        extra: usize,
        size: usize,
    ) -> Result<usize, OutOfMemory> {
        let least = (FIRST_BYTES / size.max(1)).max(1);
        let wanted = (len + extra).max(capacity * 2).max(least);
        self.take_items(wanted - capacity, size)?;
        Ok(wanted - len)
    }

    #[inline(never)]
    fn take_items(&mut self, n_items: usize, size: usize) -> Result<(), OutOfMemory> {
        self.take(n_items.checked_mul(size).ok_or(OutOfMemory)?)
    }
}
