//! Removing stored tables that nothing refers to any more, when somebody asks for it.
//!
//! What it is not: a collector that runs by itself. A host may know tables by number that no program can reach, so
//! only a program or a host that says so has them removed.
//!
//! Everything reachable is found first; any error on the way ends it before anything is removed.

use cu_vm::{Args, CellId, NativeResult, Outcome, Thrown, Vm};

use crate::function::{Variable, Variables};
use crate::read;
use crate::state::{self, Entry};
use crate::value::{self, Value};

/// `ext.collect()`
pub(crate) fn native(vm: &mut Vm, _args: Args) -> NativeResult {
    let n = collect(vm)?;
    vm.push_int(i64::from(n))?;
    Ok(Outcome::results(1))
}

/// Removes the entries of all tables that cannot be reached from `_home`, `_io` or what the machine holds, and tells
/// how many such tables there were.
pub fn collect(vm: &mut Vm) -> Result<u32, Thrown> {
    // Cells must say what they refer to, and tables that are only remembered must not count as held.
    crate::write_cells(vm)?;
    vm.new_external_epoch();
    vm.gc_collect()?;
    let (home, io, end) = state::with(vm, |state| (state.home, state.io, state.next_id))?;
    let mut marks = Marks::new(vm, end)?;
    marks.add(vm, home)?;
    marks.add(vm, io)?;
    let mut held = Vec::new();
    vm.held_tables(&mut held)?;
    for id in held {
        marks.add(vm, id)?;
    }
    let mut list = vm.take_buffer();
    let mut bytes = vm.take_buffer();
    let done = mark_all(vm, &mut marks, &mut list, &mut bytes)
        .and_then(|()| sweep(vm, &marks, end, &mut list));
    vm.drop_buffer(list);
    vm.drop_buffer(bytes);
    vm.new_external_epoch();
    done
}

/// Which tables have been reached, and which of these are still to be looked at.
struct Marks {
    reached: Vec<u64>,
    due: Vec<u32>,
}

impl Marks {
    fn new(vm: &mut Vm, end: u32) -> Result<Marks, Thrown> {
        let n_words = end as usize / 64 + 1;
        let mut reached = Vec::new();
        if n_words.saturating_mul(8) > vm.memory_room()
            || reached.try_reserve_exact(n_words).is_err()
        {
            return Err(vm.out_of_memory());
        }
        vm.charge(n_words as u64 / 16)?;
        reached.resize(n_words, 0);
        Ok(Marks {
            reached,
            due: Vec::new(),
        })
    }

    fn add(&mut self, vm: &mut Vm, id: u32) -> Result<(), Thrown> {
        // Numbers that were never given out are not removed, so they need no mark.
        let Some(word) = self.reached.get_mut(id as usize / 64) else {
            return Ok(());
        };
        let bit = 1 << (id % 64);
        if *word & bit == 0 && id != 0 {
            *word |= bit;
            if self.due.len().saturating_mul(8) > vm.memory_room()
                || self.due.try_reserve(1).is_err()
            {
                return Err(vm.out_of_memory());
            }
            self.due.push(id);
        }
        Ok(())
    }

    fn has(&self, id: u32) -> bool {
        self.reached
            .get(id as usize / 64)
            .is_some_and(|word| word & 1 << (id % 64) != 0)
    }
}

fn mark_all(
    vm: &mut Vm,
    marks: &mut Marks,
    list: &mut Vec<u8>,
    bytes: &mut Vec<u8>,
) -> Result<(), Thrown> {
    while let Some(table) = marks.due.pop() {
        list.clear();
        vm.charge(4)?;
        state::keys(vm, table, list)?;
        for key in state::each_key(list) {
            vm.charge(4)?;
            bytes.clear();
            let entry = Entry { table, key };
            if state::get(vm, entry, bytes)? {
                mark_value(vm, marks, entry, bytes)?;
            }
        }
    }
    Ok(())
}

fn mark_value(
    vm: &mut Vm,
    marks: &mut Marks,
    entry: Entry<'_>,
    bytes: &[u8],
) -> Result<(), Thrown> {
    match value::decode(bytes) {
        Some(Value::Table(id)) => marks.add(vm, id),
        Some(Value::Function(bytes)) if read::is_ours(bytes) => {
            let f = vm.top();
            let end = vm.push_dumped(bytes)?;
            let n = vm.lua_upvalues(f).unwrap_or(0);
            vm.set_top(f)?;
            let rest = end.and_then(|end| bytes.get(end..));
            let Some(mut variables) = rest.and_then(|rest| Variables::of(rest, n)) else {
                let why = b"so it is not known which tables it refers to";
                return Err(read::unreadable(vm, entry, &[why]));
            };
            while let Some(variable) = variables.next() {
                match variable {
                    Variable::Cell(CellId { table, .. }) => marks.add(vm, table)?,
                    Variable::Value(bytes) => {
                        if let Some(Value::Table(id)) = value::decode(bytes) {
                            marks.add(vm, id)?;
                        }
                    }
                    Variable::Globals | Variable::Library(_) => {}
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn sweep(vm: &mut Vm, marks: &Marks, end: u32, list: &mut Vec<u8>) -> Result<u32, Thrown> {
    let mut n_removed = 0;
    for table in 1..end {
        vm.charge(2)?;
        if marks.has(table) || state::size(vm, table)? == 0 {
            continue;
        }
        list.clear();
        state::keys(vm, table, list)?;
        for key in state::each_key(list) {
            vm.charge(2)?;
            state::delete(vm, Entry { table, key })?;
        }
        n_removed += 1;
    }
    Ok(n_removed)
}
