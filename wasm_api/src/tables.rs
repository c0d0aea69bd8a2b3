//! The module's view of external tables: which exports ask what of `cu-ext-table`.
//!
//! What it is not: it makes no tables and knows no store's ways (`store.rs`). Settings that come before `init` are kept
//! here until there is a machine.

use cu_ext_table::Store;
use cu_vm::{Slot, Thrown, Vm};

/// External tables of the module.
#[derive(Default)]
pub struct Tables {
    no_alias: bool,
    next_id: u32,
    home: u32,
    io: u32,
    store: Option<Box<dyn Store>>,
}

impl Tables {
    /// Before `init`.
    pub const fn new() -> Tables {
        Tables {
            no_alias: false,
            next_id: 0,
            home: 0,
            io: 0,
            store: None,
        }
    }

    /// Makes the globals of external tables.
    pub fn open(&mut self, _vm: &mut Vm, store: Box<dyn Store>) -> Result<(), Thrown> {
        self.store = Some(store);
        self.home = self.next_id.max(1);
        self.io = self.home + 1;
        Ok(())
    }

    /// The external table that holds what a table result holds.
    pub fn export(&mut self, _vm: &mut Vm, _table: Slot) -> Result<u32, Thrown> {
        Ok(0)
    }

    /// Makes table `id` the home table.
    pub fn attach_home(&mut self, _vm: Option<&mut Vm>, id: u32) {
        self.home = id;
    }

    /// Number of the home table; 0 before `init`.
    pub fn home_id(&self) -> u32 {
        self.home
    }

    /// Number of the table for input and output; 0 before `init`.
    pub fn io_id(&self) -> u32 {
        self.io
    }

    /// Numbers below `next` are the host's.
    pub fn sync_counter(&mut self, _vm: Option<&mut Vm>, next: u32) {
        self.next_id = self.next_id.max(next);
    }

    /// Empties the table for input and output.
    pub fn clear_io(&mut self, _vm: Option<&mut Vm>) {}

    /// Says whether `Memory` is another name of the home table.
    pub fn set_alias(&mut self, _vm: Option<&mut Vm>, enabled: bool) {
        self.no_alias = !enabled;
    }
}
