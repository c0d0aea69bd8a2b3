//! The memory one compilation may use, counted as it is taken.
//!
//! Source text is input: however long it is, running out of memory must be an error that can be
//! returned. So everything that lexer, parser and compiler keep grows through [`Meter::push`] and
//! [`Meter::extend`], which count every byte of capacity and ask the allocator politely.

/// Memory ran out, or the limit given to [`Meter::new`] was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

/// Bytes left for one compilation.
#[derive(Debug)]
pub struct Meter {
    left: usize,
}

impl Meter {
    /// A meter that allows `limit` bytes.
    pub fn new(limit: usize) -> Meter {
        Meter { left: limit }
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
    #[inline]
    pub fn push<T>(&mut self, list: &mut Vec<T>, item: T) -> Result<(), OutOfMemory> {
        if list.len() == list.capacity() {
            self.grow(list, 1)?;
        }
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

    #[cold]
    fn grow<T>(&mut self, list: &mut Vec<T>, extra: usize) -> Result<(), OutOfMemory> {
        let old = list.capacity();
        let wanted = (list.len() + extra).max(old * 2).max(4);
        let bytes = (wanted - old)
            .checked_mul(size_of::<T>())
            .ok_or(OutOfMemory)?;
        self.take(bytes)?;
        list.try_reserve_exact(wanted - list.len())
            .map_err(|_| OutOfMemory)
    }
}
