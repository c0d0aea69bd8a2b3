//! The module's view of external tables: which exports ask what of `cu-ext-table`.
//!
//! What it is not: it makes no tables and knows no store's ways (`store.rs`). Settings that come before `init` are kept
//! here until there is a machine.

use cu_ext_table::{BigIntegers, Options, Store};
use cu_vm::{Slot, Thrown, Vm};

/// External tables of the module.
#[derive(Debug, Default)]
pub struct Tables {
    no_alias: bool,
    next_id: u32,
}

impl Tables {
    /// Before `init`.
    pub const fn new() -> Tables {
        Tables {
            no_alias: false,
            next_id: 0,
        }
    }

    /// Whether the host has set nothing.
    pub fn are_usual(&self) -> bool {
        self.next_id == 0 && !self.no_alias
    }

    /// Makes the globals of external tables.
    pub fn open(&self, vm: &mut Vm, store: Box<dyn Store>) -> Result<(), Thrown> {
        let options = Options {
            find: cu_stdlib::find,
            next_id: self.next_id.max(1),
            memory_alias: !self.no_alias,
            big_integers: big_integers(),
        };
        cu_ext_table::open(vm, store, options)
    }

    /// Makes table `id` the home table; without effect before `init`.
    pub fn attach_home(&mut self, vm: Option<&mut Vm>, id: u32) {
        if let Some(vm) = vm {
            quietly(vm, |vm| cu_ext_table::attach_home(vm, id));
        }
    }

    /// Numbers below `next` are in use.
    pub fn sync_counter(&mut self, vm: Option<&mut Vm>, next: u32) {
        self.next_id = self.next_id.max(next);
        if let Some(vm) = vm {
            cu_ext_table::sync_counter(vm, next);
        }
    }

    /// Empties the table for input and output; without effect before `init`.
    pub fn clear_io(&mut self, vm: Option<&mut Vm>) {
        if let Some(vm) = vm {
            quietly(vm, cu_ext_table::clear_io);
        }
    }

    /// Says whether `Memory` is another name of the home table.
    pub fn set_alias(&mut self, vm: Option<&mut Vm>, enabled: bool) {
        self.no_alias = !enabled;
        if let Some(vm) = vm {
            cu_ext_table::set_memory_alias(vm, enabled);
        }
    }
}

/// A chunk is about to run: the host may have changed the store since the last one.
pub fn begin(vm: &mut Vm) {
    cu_ext_table::begin(vm);
}

/// A chunk has run: what is still to be stored goes to the store.
pub fn finish(vm: &mut Vm) -> Result<(), Thrown> {
    cu_ext_table::finish(vm)
}

/// The external table that holds what the table in `slot` holds.
pub fn export(vm: &mut Vm, slot: Slot) -> Result<u32, Thrown> {
    cu_ext_table::export(vm, slot)
}

/// Numbers of the home table and of the table for input and output; 0 before `init`.
pub fn ids(vm: Option<&mut Vm>) -> (u32, u32) {
    vm.map_or((0, 0), |vm| {
        (cu_ext_table::home_id(vm), cu_ext_table::io_id(vm))
    })
}

/// How large integers are stored, in a module that has them.
#[cfg(feature = "bigint")]
fn big_integers() -> Option<BigIntegers> {
    Some(BigIntegers {
        bytes: cu_stdlib::bigint::to_bytes,
        push: cu_stdlib::bigint::push_from_bytes::<cu_stdlib::bigint::Num>,
    })
}

#[cfg(not(feature = "bigint"))]
fn big_integers() -> Option<BigIntegers> {
    None
}

/// Does something for an export that has no way to tell of an error.
fn quietly(vm: &mut Vm, act: impl FnOnce(&mut Vm) -> Result<(), Thrown>) {
    let height = vm.top();
    if act(vm).is_err() {
        let _ = vm.take_error();
    }
    let _ = vm.set_top(height);
}
