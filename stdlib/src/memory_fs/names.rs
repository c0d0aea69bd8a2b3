//! Names in order, with what they stand for.
//!
//! A sorted list: directories are neighbours of what they contain, so that they move in one piece, and a tenth of the
//! code of a tree. Adding a name moves those behind it, which for ten thousand of them takes some microseconds.

/// Something for every name.
#[derive(Debug)]
pub struct Names<T> {
    sorted: Vec<(Vec<u8>, T)>,
}

impl<T> Default for Names<T> {
    fn default() -> Names<T> {
        Names { sorted: Vec::new() }
    }
}

impl<T> Names<T> {
    /// How many names there are before this one.
    fn place(&self, name: &[u8]) -> usize {
        self.sorted
            .partition_point(|(other, _)| other.as_slice() < name)
    }

    /// What the name stands for.
    pub fn get(&self, name: &[u8]) -> Option<&T> {
        let (found, thing) = self.sorted.get(self.place(name))?;
        (found == name).then_some(thing)
    }

    /// Adds a name that is not there.
    pub fn insert(&mut self, name: Vec<u8>, thing: T) {
        let place = self.place(&name);
        self.sorted.insert(place, (name, thing));
    }

    /// Takes a name away.
    pub fn remove(&mut self, name: &[u8]) -> Option<T> {
        self.get(name)?;
        Some(self.sorted.remove(self.place(name)).1)
    }

    /// All names, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &T)> {
        self.sorted
            .iter()
            .map(|(name, thing)| (name.as_slice(), thing))
    }

    /// How many names begin so.
    pub fn count(&self, prefix: &[u8]) -> usize {
        let behind = self.sorted.get(self.place(prefix)..).unwrap_or_default();
        behind.partition_point(|(name, _)| name.starts_with(prefix))
    }

    /// Gives all names that begin with `from` the beginning `to` instead; no name may begin so yet.
    pub fn move_all(&mut self, from: &[u8], to: &[u8]) {
        let start = self.place(from);
        let end = start + self.count(from);
        let mut moved: Vec<_> = self.sorted.drain(start..end).collect();
        for (name, _) in &mut moved {
            name.splice(..from.len(), to.iter().copied());
        }
        let place = self.place(to);
        self.sorted.splice(place..place, moved);
    }
}
