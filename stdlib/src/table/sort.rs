//! `table.sort`: a quicksort with the median of three, that stays inside its bounds whatever the comparison says.
//!
//! Partitioning runs two indices towards each other. With a consistent order each is stopped by the pivot or by an
//! element already swapped; if one runs out of its range, the order is no order, and that is an error.
//! Of the two parts the smaller is done first and the larger waits on an explicit stack, which therefore
//! never holds more than 32 ranges.

use cu_vm::{Args, NativeResult, Outcome, Slot, Thrown, Vm};

use super::{ALL, sequence};
use crate::args;

/// A part larger than this gets its pivot from somewhere in its middle half once partitions go badly.
const LARGE: i64 = 100;

/// `table.sort(list [, comp])`
pub fn sort(vm: &mut Vm, args: Args) -> NativeResult {
    let (table, n, _) = sequence(vm, args, ALL)?;
    if n < 2 {
        return Ok(Outcome::results(0));
    }
    if n >= i64::from(i32::MAX) {
        return Err(vm.arg_error(args, 0, &[b"array too big"]));
    }
    let by = args.slot(1);
    let by = if vm.is_none_or_nil(by) {
        None
    } else {
        Some(args::function(vm, args, 1)?)
    };
    if by.is_none() && vm.is_plain_table(table) && vm.raw_sort_plain(table, n)? {
        return Ok(Outcome::results(0));
    }
    Sorter {
        table,
        by,
        seed: n as u64,
    }
    .sort(vm, n)?;
    Ok(Outcome::results(0))
}

struct Sorter {
    table: Slot,
    by: Option<Slot>,
    /// Of the pivot choice; the same list is sorted the same way every time.
    seed: u64,
}

impl Sorter {
    fn sort(&mut self, vm: &mut Vm, n: i64) -> Result<(), Thrown> {
        let mut waiting = [(0_i64, 0_i64); 40];
        let mut n_waiting = 0;
        let mut range = (1, n);
        let mut shuffle = false;
        loop {
            while range.0 < range.1 {
                let (low, high) = range;
                vm.charge((high - low) as u64)?;
                let Some(pivot) = self.partition(vm, low, high, shuffle)? else {
                    break;
                };
                let (left, right) = ((low, pivot - 1), (pivot + 1, high));
                let (small, large) = if pivot - low < high - pivot {
                    (left, right)
                } else {
                    (right, left)
                };
                shuffle = (high - low) / 128 > small.1 - small.0 + 1;
                if let Some(place) = waiting.get_mut(n_waiting) {
                    *place = large;
                    n_waiting += 1;
                }
                range = small;
            }
            match n_waiting.checked_sub(1).and_then(|i| waiting.get(i)) {
                Some(next) => {
                    range = *next;
                    n_waiting -= 1;
                }
                None => return Ok(()),
            }
        }
    }

    /// Orders `low..=high` around a pivot and says where that is; None when everything is in order already.
    fn partition(
        &mut self,
        vm: &mut Vm,
        low: i64,
        high: i64,
        shuffle: bool,
    ) -> Result<Option<i64>, Thrown> {
        let base = vm.top();
        let mut middle = low;
        // First and last, first and middle, and middle and last if those two were in order. One loop, so that comparing
        // is no deeper on the native stack here than it is below.
        for step in 0..3 {
            let (i, j) = match step {
                0 => (low, high),
                1 => (low, middle),
                _ => (middle, high),
            };
            let swapped = self.order(vm, i, j)?;
            match step {
                0 if high - low == 1 => return Ok(None),
                0 => middle = self.choose(low, high, shuffle),
                _ if swapped => break,
                _ => {}
            }
        }
        if high - low == 2 {
            return Ok(None);
        }
        // The pivot waits before the last element, and a copy of it on the stack.
        let pivot = base;
        self.get(vm, middle)?;
        self.get(vm, high - 1)?;
        self.set(vm, middle, base.offset(1))?;
        self.set(vm, high - 1, pivot)?;
        let (left, right) = (base.offset(1), base.offset(2));
        let (mut i, mut j) = (low, high - 1);
        loop {
            vm.set_top(left)?;
            loop {
                i += 1;
                self.get(vm, i)?;
                if !self.less(vm, left, pivot)? {
                    break;
                }
                if i >= high - 1 {
                    return Err(vm.error(&[b"invalid order function for sorting"]));
                }
                vm.pop(1);
            }
            loop {
                j -= 1;
                self.get(vm, j)?;
                if !self.less(vm, pivot, right)? {
                    break;
                }
                if j < i {
                    return Err(vm.error(&[b"invalid order function for sorting"]));
                }
                vm.pop(1);
            }
            if j < i {
                // Everything is on its side; the pivot goes between.
                vm.pop(1);
                self.set(vm, high - 1, left)?;
                self.set(vm, i, pivot)?;
                vm.set_top(base)?;
                return Ok(Some(i));
            }
            self.set(vm, i, right)?;
            self.set(vm, j, left)?;
        }
    }

    /// Swaps elements `i < j` when they are in the wrong order, and says whether it did.
    #[inline(always)]
    fn order(&mut self, vm: &mut Vm, i: i64, j: i64) -> Result<bool, Thrown> {
        let base = vm.top();
        self.get(vm, i)?;
        self.get(vm, j)?;
        let swap = self.less(vm, base.offset(1), base)?;
        if swap {
            self.set(vm, i, base.offset(1))?;
            self.set(vm, j, base)?;
        }
        vm.set_top(base)?;
        Ok(swap)
    }

    fn choose(&mut self, low: i64, high: i64, shuffle: bool) -> i64 {
        let n = high - low;
        if !shuffle || n <= LARGE {
            return low + n / 2;
        }
        // A linear congruential step; its upper half picks a place in the middle half.
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let quarter = n / 4;
        low + quarter + (self.seed >> 33) as i64 % (2 * quarter)
    }

    #[inline(always)]
    fn less(&self, vm: &mut Vm, a: Slot, b: Slot) -> Result<bool, Thrown> {
        match self.by {
            Some(by) => vm.call_predicate(by, a, b),
            None => vm.less_than(a, b),
        }
    }

    #[inline]
    fn get(&self, vm: &mut Vm, i: i64) -> Result<(), Thrown> {
        vm.get_int(self.table, i)
    }

    #[inline]
    fn set(&self, vm: &mut Vm, i: i64, value: Slot) -> Result<(), Thrown> {
        vm.set_index(self.table, i, value)
    }
}
