//! Things with numbers: a number is given out again when its thing is taken away.

/// A list with holes, which are filled first.
#[derive(Debug)]
pub struct Slots<T> {
    things: Vec<Option<T>>,
    holes: Vec<usize>,
}

impl<T> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots {
            things: Vec::new(),
            holes: Vec::new(),
        }
    }
}

impl<T> Slots<T> {
    /// Adds a thing and tells its number.
    pub fn add(&mut self, thing: T) -> usize {
        let number = self.holes.pop().unwrap_or(self.things.len());
        match self.things.get_mut(number) {
            Some(place) => *place = Some(thing),
            None => self.things.push(Some(thing)),
        }
        number
    }

    /// The thing with this number.
    pub fn get(&self, number: usize) -> Option<&T> {
        self.things.get(number)?.as_ref()
    }

    /// The thing with this number, to be changed.
    pub fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        self.things.get_mut(number)?.as_mut()
    }

    /// Takes a thing away.
    pub fn take(&mut self, number: usize) -> Option<T> {
        let thing = self.things.get_mut(number)?.take();
        if thing.is_some() {
            self.holes.push(number);
        }
        thing
    }
}
