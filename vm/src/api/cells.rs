//! Functions that live in a store: their code as bytes, and their variables as cells.
//!
//! A cell is a place in a store where the value of a variable is kept, named by two numbers. The machine knows which
//! live variables belong to which cells, so that functions that share a variable in the store share it here, and
//! what has become of it can be written back. It holds them weakly: a variable that no function has any more, and
//! whose value has not changed, is forgotten.

use super::*;
use crate::isa::{Instr, Op};

/// A place where the value of a variable is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellId {
    /// The table.
    pub table: u32,
    /// The index in it.
    pub index: u32,
}

/// A live variable that belongs to a cell.
pub(crate) struct Cell {
    pub id: CellId,
    pub upval: *mut Upval,
    /// What the store has, as far as we know.
    pub stored: Value,
    /// When it was read.
    epoch: u32,
}

/// In `Header::flags` of a variable: it belongs to a cell.
const IN_CELL: u8 = 1;

impl Cell {
    /// # Safety
    /// The variable is alive.
    pub unsafe fn is_changed(&self) -> bool {
        // SAFETY: by contract.
        unsafe { !(*(*self.upval).v).same(self.stored) }
    }
}

impl Vm {
    fn cell_at(&self, id: CellId) -> Result<usize, usize> {
        self.heap.cells.binary_search_by_key(&id, |cell| cell.id)
    }

    fn upval_at(&self, f: Slot, n: u32) -> Option<*mut *mut Upval> {
        let v = self.value_at(f);
        // SAFETY: a live closure.
        unsafe {
            (v.tag == tag::CLOSURE && n < (*v.as_closure()).n_upvals)
                .then(|| Closure::upval(v.as_closure(), n as usize))
        }
    }

    /// How many upvalues the Lua function in `f` has; `None` for anything else.
    pub fn lua_upvalues(&self, f: Slot) -> Option<u32> {
        let v = self.value_at(f);
        // SAFETY: a live closure.
        (v.tag == tag::CLOSURE).then(|| unsafe { (*v.as_closure()).n_upvals })
    }

    /// Whether the Lua function in `f`, or one inside it, assigns to its upvalue `n` (from 0).
    pub fn assigns_upvalue(&mut self, f: Slot, n: u32) -> Result<bool, Thrown> {
        let v = self.value_at(f);
        if v.tag != tag::CLOSURE {
            return Ok(false);
        }
        // SAFETY: a live closure has a live prototype.
        let (assigns, looked_at) = unsafe { assigns((*v.as_closure()).proto, n) };
        self.charge(looked_at as u64 / 16)?;
        Ok(assigns)
    }

    /// Lets upvalue `n` (from 0) of the Lua function in `f` be the variable of a cell. True when its value has to be
    /// read, which [`Vm::fill_cell`] tells then: for the first time, or again in this epoch.
    pub fn bind_cell(&mut self, f: Slot, n: u32, id: CellId) -> Result<bool, Thrown> {
        let Some(place) = self.upval_at(f, n) else {
            return Ok(false);
        };
        let owner = self.value_at(f).as_header();
        match self.cell_at(id) {
            Ok(at) => {
                let cell = &mut self.heap.cells[at];
                let upval = cell.upval;
                // SAFETY: the variable of a listed cell is alive. What has changed here is newer than the store.
                let is_due = cell.epoch != self.heap.epoch && unsafe { !cell.is_changed() };
                cell.epoch = self.heap.epoch;
                // SAFETY: a live closure; the barrier sees the variable as a reference like any other.
                unsafe {
                    *place = upval;
                    let upval = Value::new(tag::UPVAL, upval as usize as u64);
                    self.heap.barrier_forward(owner, upval);
                }
                Ok(is_due)
            }
            Err(at) => {
                let counted = self.heap.count_cell();
                self.memory(counted)?;
                // SAFETY: a live closure's variable.
                unsafe { (**place).header.flags |= IN_CELL };
                let cell = Cell {
                    id,
                    // SAFETY: as above.
                    upval: unsafe { *place },
                    stored: Value::NIL,
                    epoch: self.heap.epoch,
                };
                self.heap.cells.insert(at, cell);
                Ok(true)
            }
        }
    }

    /// The store has the value in `slot` for a cell, so its variable has it, too.
    pub fn fill_cell(&mut self, id: CellId, slot: Slot) {
        let v = self.value_at(slot);
        if let Ok(at) = self.cell_at(id) {
            let cell = &mut self.heap.cells[at];
            cell.stored = v;
            let upval = cell.upval;
            // SAFETY: the variable of a listed cell is alive.
            unsafe {
                *(*upval).v = v;
                self.heap.barrier_forward(upval.cast(), v);
            }
        }
    }

    /// The value of a cell could not be read: the next function that has it tries again.
    pub fn spoil_cell(&mut self, id: CellId) {
        if let Ok(at) = self.cell_at(id) {
            self.heap.cells[at].epoch = 0;
        }
    }

    /// The cell that upvalue `n` (from 0) of the Lua function in `f` belongs to.
    pub fn cell_of(&self, f: Slot, n: u32) -> Option<CellId> {
        // SAFETY: a live closure's variable.
        unsafe {
            let upval = *self.upval_at(f, n)?;
            if (*upval).header.flags & IN_CELL == 0 {
                return None;
            }
            let cells = &self.heap.cells;
            cells
                .iter()
                .find(|cell| cell.upval == upval)
                .map(|cell| cell.id)
        }
    }

    /// The first cell after `after` whose variable is not what the store has. Pushes the variable's value.
    pub fn push_changed_cell(&mut self, after: Option<CellId>) -> Result<Option<CellId>, Thrown> {
        let from = match after.map(|id| self.cell_at(id)) {
            None => 0,
            Some(Ok(at)) => at + 1,
            Some(Err(at)) => at,
        };
        // SAFETY: the variable of a listed cell is alive.
        unsafe {
            let rest = self.heap.cells.get(from..).unwrap_or_default();
            match rest.iter().find(|cell| cell.is_changed()) {
                None => Ok(None),
                Some(cell) => {
                    let (id, v) = (cell.id, *(*cell.upval).v);
                    self.push(v)?;
                    Ok(Some(id))
                }
            }
        }
    }

    /// Appends the Lua function in `f` to `out` as a binary chunk with everything that messages need, but instead of
    /// a source text its name. False for anything else.
    pub fn dump_named(&mut self, f: Slot, out: &mut Vec<u8>) -> Result<bool, Thrown> {
        self.dump_with(f, false, true, out)
    }

    /// Pushes the function that `bytes` begin with, as [`Vm::dump_named`] writes it, and tells where it ends; or
    /// pushes what is wrong with it. Its first upvalue has the globals table.
    pub fn push_dumped(&mut self, bytes: &[u8]) -> Result<Option<usize>, Thrown> {
        let mut used = 0;
        let done = self.load_prefix(bytes, b"=stored function", b"b", &mut used)?;
        Ok(done.then_some(used))
    }
}

/// Whether a prototype assigns to its upvalue `n`, and how many words were looked at. Functions nest no deeper than the
/// verifier allows.
unsafe fn assigns(proto: *const Proto, n: u32) -> (bool, usize) {
    // SAFETY: a live prototype holds verified code, `n_code` words of it.
    unsafe {
        let mut looked_at = (*proto).n_code as usize;
        let mut pc = 0;
        while pc < (*proto).n_code as usize {
            let ins = Instr(*Proto::word(proto, pc));
            let op = ins.op();
            if op == Some(Op::SetUpval) && u32::from(ins.b()) == n {
                return (true, looked_at);
            }
            pc += 1 + usize::from(op.is_some_and(|op| op.info().wide));
        }
        for &inner in Proto::protos(proto) {
            let passed_on = Proto::upvals(inner)
                .iter()
                .position(|upval| !upval.in_stack && u32::from(upval.index) == n);
            if let Some(inner_n) = passed_on {
                let (found, more) = assigns(inner, inner_n as u32);
                looked_at += more;
                if found {
                    return (true, looked_at);
                }
            }
        }
        (false, looked_at)
    }
}
