//! Lua's patterns: a backtracking matcher over plain byte slices.
//!
//! It knows nothing of the machine: it borrows subject and pattern, writes captures into a [`Captures`] of the
//! caller, and counts its steps against an allowance, which the caller charges afterwards. It allocates
//! nothing. Plain sequences, captures and repeated single characters iterate; only `?` and what follows a repetition
//! recurse, at most [`MAX_DEPTH`] deep.
//!
//! What it reads are pieces (`piece.rs`): those of a pattern that is known (`known.rs`), or else it takes them from the
//! text as it comes to them. Either way a piece that is malformed is an error only where the matcher gets to it.

mod class;
pub mod known;
mod piece;

use std::num::NonZeroUsize;

use known::Known;
use piece::{Follow, Kind, Lead, Piece, Single, Source, Whole};

/// Most captures a pattern can have.
pub const MAX_CAPTURES: usize = 32;

/// How deep the matcher may recurse.
const MAX_DEPTH: u32 = 200;

/// How deep it may recurse where no nested call is possible any more.
const LEAST_DEPTH: u32 = 60;

/// Why a pattern could not be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// An error with a fixed text.
    Text(&'static str),
    /// Back reference to a capture (counted from 1) that is not there or not finished.
    CaptureIndex(u8),
    /// The allowance of steps is used up.
    OutOfSteps,
    /// It was asked whether to go on, and the answer was no.
    Stopped,
}

type Result<T> = std::result::Result<T, PatternError>;

/// A capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// Its closing parenthesis was not met.
    Open(usize),
    /// `()`, with the position counted from 0.
    Position(usize),
    /// Start and end in the subject.
    Span(usize, usize),
}

/// Where a capture is, as start and end; the end says nothing while it is open.
type Place = (usize, usize);

/// The end of a position capture.
const NO_END: usize = usize::MAX;

/// The captures of the last match.
#[derive(Clone, Debug)]
pub struct Captures {
    few: [Place; FEW],
    /// Made when a pattern has more: to write all places for every search would take longer than most searches.
    more: Option<[Place; MAX_CAPTURES - FEW]>,
    mark: Mark,
}

/// How many captures there are, and which of them are open. Whoever tries one thing after another takes this first,
/// and puts it back before the next try; where those captures begin has not changed then.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    len: u32,
    open: u32,
}

/// How many captures most patterns have at most.
const FEW: usize = 3;

impl Default for Captures {
    fn default() -> Captures {
        Captures::new()
    }
}

impl Captures {
    /// No captures.
    pub fn new() -> Captures {
        Captures {
            few: [(0, 0); FEW],
            more: None,
            mark: Mark::default(),
        }
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.mark = Mark::default();
    }

    /// Capture `i` of those that there are.
    fn at(&self, i: usize) -> Option<Capture> {
        if i >= self.len() {
            return None;
        }
        let (start, end) = match self.few.get(i) {
            Some(place) => *place,
            None => *self.more.as_ref()?.get(i - FEW)?,
        };
        Some(if self.mark.open >> i & 1 != 0 {
            Capture::Open(start)
        } else if end == NO_END {
            Capture::Position(start)
        } else {
            Capture::Span(start, end)
        })
    }

    /// The place of capture `i`, `None` beyond the most there can be.
    #[inline(always)]
    fn place(&mut self, i: usize) -> Option<&mut Place> {
        match self.few.get_mut(i) {
            Some(place) => Some(place),
            None => {
                let none = [(0, 0); MAX_CAPTURES - FEW];
                self.more.get_or_insert(none).get_mut(i.checked_sub(FEW)?)
            }
        }
    }

    /// Begins a capture; false if there are too many.
    fn open(&mut self, start: usize) -> bool {
        let n = self.mark.len;
        let is_place = self.add(start, 0);
        self.mark.open |= u32::from(is_place) << (n & 31);
        is_place
    }

    /// Adds a capture that is not open; false if there are too many.
    fn add(&mut self, start: usize, end: usize) -> bool {
        let Some(place) = self.place(self.len()) else {
            return false;
        };
        *place = (start, end);
        self.mark.len += 1;
        true
    }

    /// Ends the capture that was begun last; false if none is open.
    fn close(&mut self, end: usize) -> bool {
        let Some(i) = self.mark.open.checked_ilog2() else {
            return false;
        };
        if let Some(place) = self.place(i as usize) {
            place.1 = end;
        }
        self.mark.open &= !(1 << i);
        true
    }

    /// How many captures the pattern has.
    pub fn len(&self) -> usize {
        self.mark.len as usize
    }

    /// Whether the pattern has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Capture `i`, from 0. When there are none at all, number 0 is the whole match `start..end`.
    pub fn get(&self, i: usize, start: usize, end: usize) -> Option<Capture> {
        match self.at(i) {
            Some(capture) => Some(capture),
            None if i == 0 => Some(Capture::Span(start, end)),
            None => None,
        }
    }
}

/// Asked with the number of steps that are left whether to go on.
pub type GoesOn<'a> = &'a mut dyn FnMut(u64) -> bool;

/// Steps between two questions whether to go on: a millisecond or two.
const STEPS_BETWEEN: u64 = 1 << 16;

/// One more than where a match ends; `None` if there is none, or if [`Matcher::error`] says why it is not known. A
/// number, so that it is returned in a register.
type End = Option<NonZeroUsize>;

#[inline(always)]
fn ends_at(s: usize) -> End {
    NonZeroUsize::MIN.checked_add(s)
}

/// A pattern being matched against a subject.
pub struct Matcher<'a> {
    subject: &'a [u8],
    pattern: Source<'a>,
    /// By their places in the pattern; empty if it is not known.
    pieces: &'a [Piece],
    known: Option<&'a Known>,
    captures: &'a mut Captures,
    depth: u32,
    most_depth: u32,
    /// Steps until the next question, and those beyond it.
    steps: u64,
    steps_beyond: u64,
    goes_on: GoesOn<'a>,
    /// Whoever finds one returns `None`, and whoever gets `None` looks here before going on.
    error: Option<PatternError>,
}

impl<'a> Matcher<'a> {
    /// A matcher that may take this many steps. The pattern is given without its `^` anchor.
    #[inline]
    pub fn new(
        subject: &'a [u8],
        pattern: &'a [u8],
        captures: &'a mut Captures,
        steps: u64,
        goes_on: GoesOn<'a>,
    ) -> Matcher<'a> {
        let first = steps.min(STEPS_BETWEEN);
        Matcher {
            subject,
            pattern: Source(pattern),
            pieces: &[],
            known: None,
            captures,
            depth: 0,
            most_depth: MAX_DEPTH,
            steps: first,
            steps_beyond: steps - first,
            goes_on,
            error: None,
        }
    }

    /// The same where so many nested calls are still allowed: what they leave of the native stack is the matcher's.
    #[inline]
    pub fn below(mut self, levels_left: u32) -> Matcher<'a> {
        // A nested call has room for four functions on the native stack, and a level of the matcher is two at most.
        let room = levels_left.saturating_mul(2).saturating_add(LEAST_DEPTH);
        self.most_depth = room.min(MAX_DEPTH);
        self
    }

    /// The same with what is known of its pattern.
    #[inline]
    pub fn knowing(mut self, known: Option<&'a Known>) -> Matcher<'a> {
        self.pieces = known.map_or(&[], Known::pieces);
        self.known = known;
        self
    }

    /// Steps not used.
    pub fn steps_left(&self) -> u64 {
        self.steps.saturating_add(self.steps_beyond)
    }

    /// Where a match that starts exactly at `at` ends.
    pub fn match_at(&mut self, at: usize) -> Result<Option<usize>> {
        let end = self.attempt(at);
        self.outcome(end.map(|end| end.get() - 1))
    }

    /// The first match that starts at `from` or later, as start and end; a match that ends at
    /// `not_ending_at` does not count.
    pub fn find(
        &mut self,
        from: usize,
        not_ending_at: Option<usize>,
    ) -> Result<Option<(usize, usize)>> {
        let found = self.first_match(from, not_ending_at);
        self.outcome(found)
    }

    /// The answer, unless there was an error.
    fn outcome<T>(&self, found: Option<T>) -> Result<Option<T>> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(found),
        }
    }

    fn attempt(&mut self, at: usize) -> End {
        self.captures.clear();
        self.depth = 0;
        self.run(at, 0)
    }

    fn first_match(&mut self, from: usize, not_ending_at: Option<usize>) -> Option<(usize, usize)> {
        let Lead { first, whole } = match self.known {
            Some(known) => known.lead(),
            None => self.pattern.lead(),
        };
        // Looked up at the first failure.
        let mut leading = None;
        let mut at = from;
        while at <= self.subject.len() {
            if let Some(item) = first {
                let rest = self.subject.get(at..).unwrap_or_default();
                let skip = match item {
                    Single::Byte(byte) => memchr::memchr(byte, rest),
                    _ => self.position(item, true, rest),
                };
                if !self.pay(skip.unwrap_or(rest.len()) as u64 / 16) {
                    return None;
                }
                at += skip?;
            }
            let end = match (whole, first) {
                (Some(whole), Some(item)) => self.end_of(whole, item, at),
                _ => self.attempt(at),
            };
            match end {
                Some(end) if not_ending_at != Some(end.get() - 1) => {
                    return Some((at, end.get() - 1));
                }
                Some(_) => at += 1,
                None if self.error.is_some() => return None,
                None => {
                    let leading = *leading.get_or_insert_with(|| match self.known {
                        Some(known) => known.leading_run(),
                        None => self.pattern.leading_run(),
                    });
                    at += self.hopeless(leading, at);
                }
            }
        }
        None
    }

    /// Where such a match ends whose first character stands at `at`. It costs what [`Matcher::match_at`] takes for it.
    fn end_of(&mut self, whole: Whole, item: Single, at: usize) -> End {
        self.captures.clear();
        let start = at + 1;
        match whole {
            Whole::One => self.pay(2).then_some(())?,
            Whole::Run => {
                let tail = self.subject.get(start..).unwrap_or_default();
                let n = self.position(item, false, tail).unwrap_or(tail.len());
                self.pay(1 + n as u64 / 8).then_some(())?;
                return ends_at(start + n);
            }
        }
        ends_at(start)
    }

    /// How far to go on after a failure at `at`.
    ///
    /// A leading repetition has tried the rest of the pattern behind each of its characters. Any start further
    /// on in the same run would try a part of these places again, so all of them are left out. Without this a
    /// pattern such as `%w+=` takes time square to the length of the words.
    fn hopeless(&mut self, leading: Option<(Single, usize)>, at: usize) -> usize {
        let Some((item, beyond)) = leading else {
            return 1;
        };
        let tail = self.subject.get(at..).unwrap_or_default();
        let run = self.position(item, false, tail).unwrap_or(tail.len());
        // Without the steps the next attempt ends the search.
        let _ = self.pay(run as u64 / 8);
        (run + beyond).max(1)
    }

    /// Takes steps; false if the search ends because there are none, or because the host wants it to.
    #[inline(always)]
    #[must_use = "a search without steps ends"]
    fn pay(&mut self, n: u64) -> bool {
        match self.steps.checked_sub(n) {
            Some(left) => {
                self.steps = left;
                true
            }
            None => self.pay_beyond(n),
        }
    }

    /// Takes steps for work beside the search.
    #[inline(always)]
    pub fn charge(&mut self, n: u64) -> Result<()> {
        let _ = self.pay(n);
        self.error.map_or(Ok(()), Err)
    }

    /// Takes steps beyond the next question.
    #[cold]
    #[inline(never)]
    fn pay_beyond(&mut self, n: u64) -> bool {
        if self.error.is_some() {
            return false;
        }
        let Some(left) = self.steps_left().checked_sub(n) else {
            (self.steps, self.steps_beyond) = (0, 0);
            self.error = Some(PatternError::OutOfSteps);
            return false;
        };
        self.steps = left.min(STEPS_BETWEEN);
        self.steps_beyond = left - self.steps;
        let goes_on = (self.goes_on)(left);
        if !goes_on {
            // The next one who pays comes here again.
            (self.steps, self.steps_beyond) = (0, left);
            self.error = Some(PatternError::Stopped);
        }
        goes_on
    }

    #[cold]
    #[inline(never)]
    fn fail(&mut self, error: PatternError) -> End {
        self.error = Some(error);
        None
    }

    /// Matches the pattern from `p` at subject position `s`.
    fn run(&mut self, mut s: usize, mut p: usize) -> End {
        if self.depth >= self.most_depth {
            return self.fail(PatternError::Text("pattern too complex"));
        }
        self.depth += 1;
        let pieces = self.pieces;
        let end = loop {
            let read;
            let piece = match pieces.get(p) {
                Some(piece) => piece,
                None => {
                    read = self.read(p);
                    &read
                }
            };
            if !self.pay(piece.cost) {
                return None;
            }
            let item = piece.item;
            if piece.kind <= Kind::Plus {
                let matched = self.subject.get(s).is_some_and(|b| self.single(item, *b));
                match piece.kind {
                    Kind::Once if matched => {
                        s += 1;
                        p = piece.next;
                        continue;
                    }
                    Kind::Optional => {
                        if piece.is_firm {
                            s += usize::from(matched);
                        } else if matched {
                            let mark = self.captures.mark;
                            let end = self.run(s + 1, piece.next);
                            if end.is_some() || self.error.is_some() {
                                break end;
                            }
                            self.captures.mark = mark;
                        }
                        p = piece.next;
                        continue;
                    }
                    Kind::Plus if matched && piece.is_firm => {
                        s = self.longest_run(s + 1, item)?.get() - 1;
                        p = piece.next;
                        continue;
                    }
                    Kind::Plus if matched => break self.longest(s + 1, piece),
                    _ => break None,
                }
            }
            match piece.kind {
                Kind::Star if piece.is_firm => s = self.longest_run(s, item)?.get() - 1,
                Kind::Star => break self.longest(s, piece),
                Kind::Lazy => break self.shortest(s, piece),
                Kind::End => break ends_at(s),
                Kind::EndOfSubject => {
                    break if s == self.subject.len() {
                        ends_at(s)
                    } else {
                        None
                    };
                }
                Kind::Open | Kind::Position => {
                    let is_place = match piece.kind {
                        Kind::Open => self.captures.open(s),
                        _ => self.captures.add(s, NO_END),
                    };
                    if !is_place {
                        return self.fail(PatternError::Text("too many captures"));
                    }
                }
                Kind::Close => {
                    if !self.captures.close(s) {
                        return self.fail(PatternError::Text("invalid pattern capture"));
                    }
                }
                Kind::Balance => match self.balance(s, p + 2) {
                    Some(next) => s = next.get() - 1,
                    None => break None,
                },
                Kind::BackReference => match self.back_reference(s, item) {
                    Some(next) => s = next.get() - 1,
                    None => break None,
                },
                Kind::Frontier => {
                    let before = s
                        .checked_sub(1)
                        .and_then(|i| self.subject.get(i))
                        .map_or(0, |b| *b);
                    let here = self.subject.get(s).map_or(0, |b| *b);
                    if self.single(item, before) || !self.single(item, here) {
                        break None;
                    }
                }
                Kind::Malformed | Kind::Once | Kind::Optional | Kind::Plus => {
                    return self.fail(self.pattern.malformed(p));
                }
            }
            p = piece.next;
        };
        self.depth -= 1;
        end
    }

    /// The piece at `p` of a pattern that is not known.
    #[inline(never)]
    fn read(&self, p: usize) -> Piece {
        self.pattern.piece(p, self.captures.mark.open != 0)
    }

    /// Where as many items end as there are from `s` on; `None` if the search is over.
    #[inline(always)]
    fn longest_run(&mut self, s: usize, item: Single) -> End {
        let tail = self.subject.get(s..).unwrap_or_default();
        let n = self.position(item, false, tail).unwrap_or(tail.len());
        self.pay(n as u64 / 8).then_some(())?;
        ends_at(s + n)
    }

    /// As many of a piece's items as can be, then fewer, until the rest of the pattern matches.
    fn longest(&mut self, s: usize, piece: &Piece) -> End {
        let (item, rest) = (piece.item, piece.next);
        let mut n = self.longest_run(s, item)?.get() - 1 - s;
        let tail = self.subject.get(s..).unwrap_or_default();
        let mark = self.captures.mark;
        // What must follow is looked at before the matcher is entered.
        loop {
            if let Follow::One(Single::Byte(byte)) = piece.follow {
                let places = tail.get(..=n).unwrap_or(tail);
                let last = memchr::memrchr(byte, places);
                if !self.pay((places.len() - last.unwrap_or(0)) as u64 / 16) {
                    return None;
                }
                n = last?;
            }
            if self.may_follow(&piece.follow, tail.get(n)) {
                let end = self.run(s + n, rest);
                if end.is_some() || self.error.is_some() {
                    return end;
                }
                self.captures.mark = mark;
            } else if !self.pay(u64::from(n & 7 == 0)) {
                return None;
            }
            n = n.checked_sub(1)?;
        }
    }

    /// As few of a piece's items as can be, then more, until the rest of the pattern matches.
    fn shortest(&mut self, mut s: usize, piece: &Piece) -> End {
        let (item, rest) = (piece.item, piece.next);
        let mark = self.captures.mark;
        loop {
            if let (Follow::One(Single::Byte(byte)), Single::Any) = (piece.follow, item) {
                let tail = self.subject.get(s..).unwrap_or_default();
                let next = memchr::memchr(byte, tail);
                if !self.pay(next.unwrap_or(tail.len()) as u64 / 16) {
                    return None;
                }
                s += next?;
            }
            if self.may_follow(&piece.follow, self.subject.get(s)) {
                let end = self.run(s, rest);
                if end.is_some() || self.error.is_some() {
                    return end;
                }
                self.captures.mark = mark;
            } else if !self.pay(u64::from(s & 7 == 0)) {
                return None;
            }
            if !self.pay(item.cost()) {
                return None;
            }
            match self.subject.get(s) {
                Some(b) if self.single(item, *b) => s += 1,
                _ => return None,
            }
        }
    }

    /// Where the first byte of `text` is that matches `item`, or does not. Without steps for a long set there is none,
    /// and whoever pays next finds out.
    fn position(&mut self, item: Single, matching: bool, text: &[u8]) -> Option<usize> {
        match item {
            Single::Any if matching => (!text.is_empty()).then_some(0),
            Single::Any => None,
            Single::Byte(byte) => text.iter().position(|b| (*b == byte) == matching),
            Single::Class(class) => text.iter().position(|b| class.has(*b) == matching),
            Single::Set { .. } => {
                let cost = item.cost();
                for (i, byte) in text.iter().enumerate() {
                    if self.single(item, *byte) == matching {
                        return Some(i);
                    }
                    // Nothing for the sets people write; a set of kilobytes is paid for at every byte.
                    if cost > 0 && !self.pay(cost) {
                        return None;
                    }
                }
                None
            }
        }
    }

    #[inline(always)]
    fn single(&self, item: Single, byte: u8) -> bool {
        self.pattern.single(item, byte)
    }

    #[inline(always)]
    fn may_follow(&self, follow: &Follow, next: Option<&u8>) -> bool {
        match (follow, next) {
            (Follow::Anything, _) | (Follow::End | Follow::OrEnd(_), None) => true,
            (Follow::End, _) | (_, None) => false,
            (Follow::OrEnd(item), Some(b)) => self.single(*item, *b),
            (Follow::One(item), Some(b)) => self.single(*item, *b),
            (Follow::Either(first, second), Some(b)) => {
                self.single(*first, *b) || self.single(*second, *b)
            }
        }
    }

    /// `%bxy`, whose two characters stand at `p`.
    fn balance(&mut self, s: usize, p: usize) -> End {
        let Some(&[open, close]) = self.pattern.0.get(p..p + 2) else {
            return self.fail(PatternError::Text(
                "malformed pattern (missing arguments to '%b')",
            ));
        };
        let tail = self.subject.get(s..).unwrap_or_default();
        if tail.first() != Some(&open) {
            return None;
        }
        let mut depth = 1_usize;
        let mut end = None;
        let mut seen = tail.len();
        for (i, &byte) in tail.iter().enumerate().skip(1) {
            // Where both are the same byte it closes.
            if byte == close {
                depth -= 1;
                if depth == 0 {
                    end = ends_at(s + i + 1);
                    seen = i;
                    break;
                }
            } else if byte == open {
                depth += 1;
            }
        }
        self.pay(seen as u64 / 8).then_some(())?;
        end
    }

    /// `%1` and its like; the digit is the item.
    fn back_reference(&mut self, s: usize, digit: Single) -> End {
        let Single::Byte(digit) = digit else {
            return None;
        };
        let i = usize::from(digit).checked_sub(usize::from(b'1'));
        let captured = match i.and_then(|i| self.captures.at(i)) {
            None | Some(Capture::Open(_)) => {
                return self.fail(PatternError::CaptureIndex(digit.wrapping_sub(b'0')));
            }
            // The length of a position capture counts as endless, so it never matches.
            Some(Capture::Position(_)) => return None,
            Some(Capture::Span(start, end)) => self.subject.get(start..end).unwrap_or_default(),
        };
        let tail = self.subject.get(s..).unwrap_or_default();
        let same = tail.starts_with(captured);
        self.pay(captured.len() as u64 / 16).then_some(())?;
        if same {
            ends_at(s + captured.len())
        } else {
            None
        }
    }
}

#[cfg(test)]
#[path = "pattern/tests.rs"]
mod tests;
