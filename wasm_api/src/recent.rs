//! The chunks that ran last, compiled.
//!
//! Hosts tend to run the same few texts over and over; compiling one takes longer than running it. So functions of the
//! last texts stay in slots below all programs, and a text that comes again gets another function of the same code.
//!
//! What it is not: a program never sees the functions that are kept, and can tell a chunk that was compiled before
//! only by the time it takes. Fuel is the same.
//!
//! Invariant: slot `n` holds a function compiled from `sources[n]`, or nil where that is empty.

use cu_vm::{Slot, Thrown, Vm};

/// How many texts are kept.
const N_TEXTS: usize = 8;

/// Slots that programs which call a few levels deep need.
const USUAL_STACK: u32 = 112;

/// The last texts, and where their functions are.
pub struct Recent {
    first: Slot,
    sources: [Vec<u8>; N_TEXTS],
    /// The one that is given up next.
    oldest: usize,
}

impl Recent {
    /// Takes the slots that the functions will be in.
    pub fn new(vm: &mut Vm) -> Result<Recent, Thrown> {
        let first = vm.top();
        // So that most programs never make the stack grow, wherever in them its first size would have ended.
        vm.try_reserve(N_TEXTS as u32 + USUAL_STACK)?;
        for _ in 0..N_TEXTS {
            vm.push_nil()?;
        }
        Ok(Recent {
            first,
            sources: Default::default(),
            oldest: 0,
        })
    }

    /// Compiles `source` and pushes the function, `true`; or pushes the message, `false`. Texts of up to `limit` bytes
    /// are kept.
    pub fn load(&mut self, vm: &mut Vm, source: &[u8], limit: usize) -> Result<bool, Thrown> {
        let known = self.sources.iter().position(|text| text == source);
        if let Some(n) = known
            && vm.load_again(self.first.offset(n as u32), source.len())?
        {
            return Ok(true);
        }
        // The chunk is named by its own text, so messages begin `[string "first line..."]`.
        let loaded = vm.load_bytes(source, source, b"t")?;
        if loaded && source.len() <= limit {
            self.keep(vm, source)?;
        }
        Ok(loaded)
    }

    /// Keeps the text of the function on top of the stack. What is kept is a function of its own, since a program can
    /// change the upvalue of the one that runs.
    fn keep(&mut self, vm: &mut Vm, source: &[u8]) -> Result<(), Thrown> {
        let (n, made) = (self.oldest, vm.top());
        let (slot, running) = (self.first.offset(n as u32), made.below(1));
        let Some(text) = self.sources.get_mut(n) else {
            return Ok(());
        };
        text.clear();
        vm.set_nil(slot);
        if text.try_reserve_exact(source.len()).is_ok() && vm.load_again(running, 0)? {
            vm.copy(made, slot);
            vm.pop(1);
            text.extend_from_slice(source);
            self.oldest = (n + 1) % N_TEXTS;
        }
        Ok(())
    }
}
