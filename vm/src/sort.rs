//! Sorting values by an order that cannot fail.
//!
//! It is not `table.sort` with a comparison of the program's: that may be wrong, raise errors and suspend.
//! The standard library's sort is as fast and takes 5 KB of the module for each order; this one takes one.
//!
//! A quicksort with the median of three as its pivot. Short stretches are left to insertion, and a stretch
//! that was split badly too often goes to a heapsort, so that no input takes quadratic time.

/// Stretches up to this long are sorted by insertion.
const SHORT: usize = 16;

/// Sorts `values`, for which `less` is a strict weak order.
pub(crate) fn sort<T: Copy>(values: &mut [T], less: impl Fn(&T, &T) -> bool + Copy) {
    let n_levels = values.len().checked_ilog2().unwrap_or(0);
    quick(values, 2 * n_levels, less);
}

fn quick<T: Copy>(mut values: &mut [T], mut levels: u32, less: impl Fn(&T, &T) -> bool + Copy) {
    while values.len() > SHORT {
        if levels == 0 {
            return heap(values, less);
        }
        levels -= 1;
        let at = partition(values, less);
        let (low, high) = std::mem::take(&mut values).split_at_mut(at);
        // The pivot, first in `high`, is in its place. The shorter side goes first: so the depth is bounded.
        let high = high.get_mut(1..).unwrap_or_default();
        let (short, long) = match low.len() < high.len() {
            true => (low, high),
            false => (high, low),
        };
        quick(short, levels, less);
        values = long;
    }
    insertion(values, less);
}

/// Moves the median of three values to the place that it has in the order, lesser values before it and
/// greater ones after it; gives that place. There are at least three values.
fn partition<T: Copy>(values: &mut [T], less: impl Fn(&T, &T) -> bool) -> usize {
    let last = values.len() - 1;
    values.swap(0, last / 2);
    // Now order the three so that the median comes first.
    if less(&values[last], &values[1]) {
        values.swap(1, last);
    }
    if less(&values[0], &values[1]) {
        values.swap(0, 1);
    }
    if less(&values[last], &values[0]) {
        values.swap(0, last);
    }
    // Both ends stop at values equal to the pivot, so that many equal ones are split in the middle.
    let pivot = values[0];
    let (mut low, mut high) = (1, last);
    loop {
        while low < high && less(&values[low], &pivot) {
            low += 1;
        }
        while low < high && less(&pivot, &values[high]) {
            high -= 1;
        }
        if low >= high {
            break;
        }
        values.swap(low, high);
        low += 1;
        high -= 1;
    }
    // All before `low` are not greater, all after `high` not less. What is at `low` may be either.
    let at = match values.get(low) {
        Some(value) if low <= high && !less(&pivot, value) => low,
        _ => low - 1,
    };
    values.swap(0, at);
    at
}

fn insertion<T: Copy>(values: &mut [T], less: impl Fn(&T, &T) -> bool) {
    for n in 1..values.len() {
        let value = values[n];
        let mut at = n;
        while at > 0 && less(&value, &values[at - 1]) {
            values[at] = values[at - 1];
            at -= 1;
        }
        values[at] = value;
    }
}

fn heap<T: Copy>(values: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let len = values.len();
    for n in (0..len + len / 2).rev() {
        // First every parent is put in order, then the greatest goes behind the others again and again.
        let (mut parent, end) = match n.checked_sub(len) {
            Some(parent) => (parent, len),
            None => {
                values.swap(0, n);
                (0, n)
            }
        };
        loop {
            let mut child = 2 * parent + 1;
            if child + 1 < end && less(&values[child], &values[child + 1]) {
                child += 1;
            }
            if child >= end || !less(&values[parent], &values[child]) {
                break;
            }
            values.swap(parent, child);
            parent = child;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_that_trouble_quicksorts_are_sorted() {
        for len in 0..200 {
            let patterns: [fn(usize, usize) -> usize; 6] = [
                |n, _| n,
                |n, len| len - n,
                |_, _| 0,
                |n, _| n % 2,
                |n, len| n.min(len - n),
                |n, _| n * 7919 % 31,
            ];
            for pattern in patterns {
                let mut values: Vec<usize> = (0..len).map(|n| pattern(n, len)).collect();
                let mut wanted = values.clone();
                wanted.sort_unstable();
                sort(&mut values, |a, b| a < b);
                assert_eq!(values, wanted);
            }
        }
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_standard_library(
            values in prop::collection::vec(0..100_i64, 0..300),
        ) {
            let mut wanted = values.clone();
            wanted.sort_unstable();
            let mut by_quick = values.clone();
            sort(&mut by_quick, |a, b| a < b);
            prop_assert_eq!(&by_quick, &wanted);
            let mut by_heap = values;
            heap(&mut by_heap, |a, b| a < b);
            prop_assert_eq!(&by_heap, &wanted);
        }
    }
}
