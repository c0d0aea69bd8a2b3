//! `string.find`, `string.match` and `string.gmatch`: searching, and handing out captures.

use cu_vm::{Args, Native, NativeResult, Outcome, Slot, Thrown, Vm};

use super::pattern::known::{Known, Patterns};
use super::pattern::{Capture, Captures, Matcher, PatternError};
use super::start_position;
use crate::args::{self, bytes};

/// `string.find(s, pattern [, init [, plain]])`
pub fn find(vm: &mut Vm, args: Args) -> NativeResult {
    search(vm, args, true)
}

/// `string.match(s, pattern [, init])`
pub fn match_(vm: &mut Vm, args: Args) -> NativeResult {
    search(vm, args, false)
}

fn search(vm: &mut Vm, args: Args, find: bool) -> NativeResult {
    let subject = args::string(vm, args, 0)?;
    let pattern = args::string(vm, args, 1)?;
    let init = args::opt_int(vm, args, 2, 1)?;
    let len = bytes(vm, subject).len();
    let wanted = bytes(vm, pattern);
    let pattern_len = wanted.len();
    let anchored = wanted.first() == Some(&b'^');
    let plain = find && !has_specials(wanted);
    if pattern_len >= 32 {
        vm.charge(pattern_len as u64 / 32)?;
    }
    let init = start_position(init, len) - 1;
    if init > len {
        vm.push_nil()?;
        return Ok(Outcome::results(1));
    }
    if plain || find && vm.truthy(args.slot(3)) {
        let wanted = bytes(vm, pattern);
        let text = bytes(vm, subject).get(init..).unwrap_or_default();
        let found = find_plain(text, wanted);
        vm.charge(found.unwrap_or(len - init) as u64 / 16)?;
        return match found {
            Some(at) => {
                vm.push_int((init + at + 1) as i64)?;
                vm.push_int((init + at + pattern_len) as i64)?;
                Ok(Outcome::results(2))
            }
            None => {
                vm.push_nil()?;
                Ok(Outcome::results(1))
            }
        };
    }
    let mut captures = Captures::new();
    let search = Search {
        subject,
        pattern,
        anchored,
        from: init,
        not_ending_at: None,
    };
    match search.run(vm, &mut captures)? {
        None => {
            vm.push_nil()?;
            Ok(Outcome::results(1))
        }
        Some((start, end)) if find => {
            vm.push_int((start + 1) as i64)?;
            vm.push_int(end as i64)?;
            let n = captures.len();
            push_n_captures(vm, &captures, n, subject, start, end)?;
            Ok(Outcome::results(2 + n as u32))
        }
        Some((start, end)) => {
            let n = push_captures(vm, &captures, subject, start, end)?;
            Ok(Outcome::results(n))
        }
    }
}

/// Whether a pattern has characters that do not stand for themselves.
fn has_specials(pattern: &[u8]) -> bool {
    pattern.iter().any(|b| {
        matches!(
            b,
            b'^' | b'$' | b'*' | b'+' | b'?' | b'.' | b'(' | b'[' | b'%' | b'-'
        )
    })
}

/// One search, over strings that lie in slots.
pub struct Search {
    /// Where the subject is.
    pub subject: Slot,
    /// Where the pattern is.
    pub pattern: Slot,
    /// Whether the pattern begins with an anchor, so that only `from` is tried.
    pub anchored: bool,
    /// Where to begin, counted from 0.
    pub from: usize,
    /// Where a match must not end, because the one before ended there.
    pub not_ending_at: Option<usize>,
}

impl Search {
    /// The first match, as start and end. In between the host is asked whether the run goes on.
    pub fn run(
        &self,
        vm: &mut Vm,
        captures: &mut Captures,
    ) -> Result<Option<(usize, usize)>, Thrown> {
        let near = |known: &Known, subject: &[u8]| {
            if self.anchored {
                return None;
            }
            let (found, steps) = known.near(subject.get(self.from..)?)?;
            let Some((start, end)) = found else {
                return Some((None, steps));
            };
            let (start, end) = (self.from + start, self.from + end);
            (self.not_ending_at != Some(end)).then_some((Some((start, end)), steps))
        };
        self.matching(vm, self.pattern, captures, near, |matcher, _, _| {
            self.next(matcher)
        })
    }

    /// Lets `act` search with a matcher, the subject and the string in `other`; unless `near` has the answer and its
    /// steps, when it sees a pattern that is known and the subject. Neither calls anything of the machine.
    pub fn matching<R>(
        &self,
        vm: &mut Vm,
        other: Slot,
        captures: &mut Captures,
        near: impl FnOnce(&Known, &[u8]) -> Option<(R, u64)>,
        act: impl FnOnce(&mut Matcher<'_>, &[u8], &[u8]) -> Result<R, PatternError>,
    ) -> Result<R, Thrown> {
        let fuel = vm.fuel_left();
        let levels_left = vm.levels_left();
        let strings = [self.subject, self.pattern, other];
        let ([subject, pattern, other], mut watch, patterns) =
            vm.bytes_and_watch::<Patterns>(strings);
        let pattern = pattern
            .get(usize::from(self.anchored)..)
            .unwrap_or_default();
        // Without a limit there is always the same amount left.
        let mut goes_on = |left| watch.goes_on(if fuel == u64::MAX { fuel } else { left });
        let (is_ready, known) = match patterns {
            Some(patterns) => (patterns.is_ready(), patterns.get(pattern)),
            None => (true, None),
        };
        if let Some((found, steps)) = known.and_then(|known| near(known, subject)) {
            captures.clear();
            vm.charge(steps)?;
            return Ok(found);
        }
        let mut matcher = Matcher::new(subject, pattern, captures, fuel, &mut goes_on)
            .below(levels_left)
            .knowing(known);
        let found = act(&mut matcher, subject, other);
        let used = fuel - matcher.steps_left();
        match found {
            // One unit more than there is, so that the machine stops the program.
            Err(PatternError::OutOfSteps) => vm.charge(fuel.saturating_add(1))?,
            Err(PatternError::Stopped) => return Err(vm.interrupted()),
            Ok(_) | Err(_) => vm.charge(used)?,
        }
        if !is_ready {
            prepare_patterns(vm);
        }
        found.map_err(|error| raise(vm, error))
    }

    /// The first match, by a matcher of these strings.
    #[inline(always)]
    pub fn next(&self, matcher: &mut Matcher<'_>) -> Result<Option<(usize, usize)>, PatternError> {
        if self.anchored {
            let end = matcher.match_at(self.from)?;
            let end = end.filter(|end| self.not_ending_at != Some(*end));
            return Ok(end.map(|end| (self.from, end)));
        }
        matcher.find(self.from, self.not_ending_at)
    }
}

/// Makes room for what is to be known of patterns, if there is memory for it.
#[cold]
fn prepare_patterns(vm: &mut Vm) {
    if let Some(mut patterns) = vm.take_kept::<Patterns>() {
        if vm.count_kept(Patterns::SIZE) && !patterns.prepare() {
            vm.uncount_kept(Patterns::SIZE);
        }
        vm.put_kept(patterns);
    }
}

#[cold]
fn raise(vm: &mut Vm, error: PatternError) -> Thrown {
    match error {
        PatternError::Text(text) => vm.error(&[text.as_bytes()]),
        PatternError::CaptureIndex(digit) => invalid_capture_index(vm, digit),
        PatternError::OutOfSteps | PatternError::Stopped => vm.error(&[b"pattern too complex"]),
    }
}

/// The error for `%n` where there is no capture `n`.
#[cold]
pub fn invalid_capture_index(vm: &mut Vm, digit: u8) -> Thrown {
    vm.error(&[b"invalid capture index %", &[b'0'.wrapping_add(digit)]])
}

/// Pushes capture `i` of the match `start..end`.
pub fn push_capture(
    vm: &mut Vm,
    captures: &Captures,
    i: usize,
    subject: Slot,
    start: usize,
    end: usize,
) -> Result<(), Thrown> {
    match captures.get(i, start, end) {
        Some(Capture::Span(start, end)) => vm.push_substring(subject, start, end),
        Some(Capture::Position(at)) => vm.push_int(at as i64 + 1),
        Some(Capture::Open(_)) => Err(vm.error(&[b"unfinished capture"])),
        None => Err(invalid_capture_index(vm, i as u8 + 1)),
    }
}

/// Pushes all captures, or the whole match when there are none; answers how many values.
#[inline(always)]
pub fn push_captures(
    vm: &mut Vm,
    captures: &Captures,
    subject: Slot,
    start: usize,
    end: usize,
) -> Result<u32, Thrown> {
    if captures.is_empty() {
        vm.push_substring(subject, start, end)?;
        return Ok(1);
    }
    let n = captures.len();
    push_n_captures(vm, captures, n, subject, start, end)?;
    Ok(n as u32)
}

#[inline(never)]
fn push_n_captures(
    vm: &mut Vm,
    captures: &Captures,
    n: usize,
    subject: Slot,
    start: usize,
    end: usize,
) -> Result<(), Thrown> {
    for i in 0..n {
        push_capture(vm, captures, i, subject, start, end)?;
    }
    Ok(())
}

/// `string.gmatch(s, pattern [, init])`
pub fn gmatch(vm: &mut Vm, args: Args) -> NativeResult {
    let subject = args::string(vm, args, 0)?;
    let pattern = args::string(vm, args, 1)?;
    let init = args::opt_int(vm, args, 2, 1)?;
    let len = bytes(vm, subject).len();
    let init = (start_position(init, len) - 1).min(len + 1);
    vm.push_slot(subject)?;
    vm.push_slot(pattern)?;
    vm.push_int(!(init as i64))?;
    vm.push_native_closure(&GMATCH_ITERATOR, 3)?;
    Ok(Outcome::results(1))
}

/// The iterator of `gmatch`. Its upvalues: subject, pattern, and where to go on: where the last match ended and none may
/// end again, or, before the first one, the complement of where to begin.
pub static GMATCH_ITERATOR: Native = Native {
    name: "string.gmatch_iterator",
    call: gmatch_iterator,
};

fn gmatch_iterator(vm: &mut Vm, args: Args) -> NativeResult {
    let subject = vm.top();
    let pattern = subject.offset(1);
    vm.push_upvalues::<2>(args)?;
    let place = vm.upvalue_int(args, 2).unwrap_or(i64::MAX);
    let (from, is_first) = if place < 0 {
        (!place, true)
    } else {
        (place, false)
    };
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    let mut captures = Captures::new();
    let search = Search {
        subject,
        pattern,
        anchored: false,
        from,
        not_ending_at: (!is_first).then_some(from),
    };
    match search.run(vm, &mut captures)? {
        Some((start, end)) => {
            vm.set_upvalue_int(args, 2, end as i64);
            let n = push_captures(vm, &captures, subject, start, end)?;
            Ok(Outcome::results(n))
        }
        None => {
            vm.set_upvalue_int(args, 2, i64::MAX);
            vm.push_nil()?;
            Ok(Outcome::results(1))
        }
    }
}

/// The first place of `wanted` in `text`.
///
/// Candidates are found by their first byte and compared, which is quick unless there are many that are
/// nearly right; then a search takes over whose time is linear whatever the text. (The search with all
/// its preparations that `memchr` offers takes 5 KB more of the module.)
pub(crate) fn find_plain(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let Some((&first, rest)) = wanted.split_first() else {
        return Some(0);
    };
    let mut at = 0;
    let mut in_vain = 0;
    loop {
        at += memchr::memchr(first, text.get(at..)?)? + 1;
        let tail = text.get(at..)?;
        if tail.len() < rest.len() {
            return None;
        }
        let same = tail.iter().zip(rest).take_while(|(a, b)| a == b).count();
        if same == rest.len() {
            return Some(at - 1);
        }
        // Finding a candidate takes the time of some comparisons.
        in_vain += same + 8;
        if in_vain > 4 * at + 1024 {
            let finder = memchr::arch::all::twoway::Finder::new(wanted);
            return finder.find(tail, wanted).map(|found| at + found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::find_plain;
    use proptest::prelude::*;

    #[test]
    fn nearly_right_places_do_not_hide_the_right_one() {
        let text = [b"a".repeat(5000), b"b".to_vec()].concat();
        for n in [0, 1, 2, 100, 4999, 5000] {
            let wanted = [b"a".repeat(n), b"b".to_vec()].concat();
            assert_eq!(find_plain(&text, &wanted), Some(5000 - n));
        }
        assert_eq!(find_plain(&text, &b"a".repeat(5001)), None);
        assert_eq!(find_plain(b"", b""), Some(0));
        assert_eq!(find_plain(b"", b"a"), None);
    }

    proptest! {
        #[test]
        fn places_are_those_of_a_plain_search(text in "[ab]{0,40}", wanted in "[ab]{0,5}") {
            prop_assert_eq!(find_plain(text.as_bytes(), wanted.as_bytes()), text.find(&wanted));
        }
    }
}
