//! Lua's patterns: a backtracking matcher over plain byte slices.
//!
//! It knows nothing of the machine: it borrows subject and pattern, writes captures into a [`Captures`] of the
//! caller, and counts its steps against an allowance, which the caller charges afterwards. It allocates
//! nothing. Plain sequences and repeated single characters iterate; only captures, `?` and what follows
//! a repetition recurse, at most [`MAX_DEPTH`] deep.

mod class;

use class::{class_mask, has_class};

/// Most captures a pattern can have.
pub const MAX_CAPTURES: usize = 32;

/// How deep the matcher may recurse.
const MAX_DEPTH: u32 = 200;

/// How deep it may recurse where no nested call is possible any more.
const LEAST_DEPTH: u32 = 120;

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

/// The captures of the last match.
#[derive(Clone, Debug)]
pub struct Captures {
    few: [Capture; FEW],
    /// Made when a pattern has more: to write all places for every search would take longer than most searches.
    more: Option<[Capture; MAX_CAPTURES - FEW]>,
    len: usize,
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
            few: [Capture::Open(0); FEW],
            more: None,
            len: 0,
        }
    }

    /// Capture `i` of those that there are.
    fn at(&self, i: usize) -> Option<Capture> {
        if i >= self.len {
            return None;
        }
        match self.few.get(i) {
            Some(capture) => Some(*capture),
            None => self.more.as_ref()?.get(i - FEW).copied(),
        }
    }

    /// The place of capture `i`, `None` beyond the most there can be.
    fn place(&mut self, i: usize) -> Option<&mut Capture> {
        match i.checked_sub(FEW) {
            None => self.few.get_mut(i),
            Some(i) => {
                let none = [Capture::Open(0); MAX_CAPTURES - FEW];
                self.more.get_or_insert(none).get_mut(i)
            }
        }
    }

    /// How many captures the pattern has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the pattern has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
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

/// A pattern being matched against a subject.
pub struct Matcher<'a> {
    subject: &'a [u8],
    pattern: &'a [u8],
    captures: &'a mut Captures,
    depth: u32,
    most_depth: u32,
    /// Steps until the next question, and those beyond it.
    steps: u64,
    steps_beyond: u64,
    goes_on: GoesOn<'a>,
}

impl<'a> Matcher<'a> {
    /// A matcher that may take this many steps. The pattern is given without its `^` anchor.
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
            pattern,
            captures,
            depth: 0,
            most_depth: MAX_DEPTH,
            steps: first,
            steps_beyond: steps - first,
            goes_on,
        }
    }

    /// The same where so many nested calls are still allowed: what they leave of the native stack is the matcher's.
    pub fn below(self, levels_left: u32) -> Matcher<'a> {
        let room = levels_left.saturating_mul(4).saturating_add(LEAST_DEPTH);
        Matcher {
            most_depth: room.min(MAX_DEPTH),
            ..self
        }
    }

    /// Steps not used.
    pub fn steps_left(&self) -> u64 {
        self.steps.saturating_add(self.steps_beyond)
    }

    /// Where a match that starts exactly at `at` ends.
    pub fn match_at(&mut self, at: usize) -> Result<Option<usize>> {
        self.captures.len = 0;
        self.depth = 0;
        self.run(at, 0)
    }

    /// The first match that starts at `from` or later, as start and end; a match that ends at
    /// `not_ending_at` does not count.
    pub fn find(
        &mut self,
        from: usize,
        not_ending_at: Option<usize>,
    ) -> Result<Option<(usize, usize)>> {
        let first = self.first_item();
        let whole = self.whole();
        // Looked up at the first failure.
        let mut leading = None;
        let mut at = from;
        while at <= self.subject.len() {
            if let Some(item) = first {
                let rest = self.subject.get(at..).unwrap_or_default();
                let skip = match item {
                    Single::Byte(byte) => memchr::memchr(byte, rest),
                    _ => self.position(item, true, rest)?,
                };
                self.take_steps(skip.unwrap_or(rest.len()) as u64 / 16)?;
                let Some(skip) = skip else { return Ok(None) };
                at += skip;
            }
            let end = match (whole, first) {
                (Some(whole), Some(item)) => Some(self.end_of(whole, item, at)?),
                _ => self.match_at(at)?,
            };
            match end {
                Some(end) if not_ending_at != Some(end) => return Ok(Some((at, end))),
                Some(_) => at += 1,
                None => {
                    at += self.hopeless(*leading.get_or_insert_with(|| self.leading_run()), at)?
                }
            }
        }
        Ok(None)
    }

    /// Whether the pattern is one character class, alone or with a `+`: then its first character decides.
    fn whole(&self) -> Option<Whole> {
        let (_, end) = self.plain_item(0)?;
        match self.pattern.get(end..)? {
            [] => Some(Whole::One),
            [b'+'] => Some(Whole::Run),
            _ => None,
        }
    }

    /// Where such a match ends whose first character stands at `at`. It costs what [`Matcher::match_at`] takes for it.
    fn end_of(&mut self, whole: Whole, item: Single, at: usize) -> Result<usize> {
        self.captures.len = 0;
        let start = at + 1;
        match whole {
            Whole::One => {
                self.take_steps(2)?;
                Ok(start)
            }
            Whole::Run => {
                let tail = self.subject.get(start..).unwrap_or_default();
                let n = self.position(item, false, tail)?.unwrap_or(tail.len());
                self.take_steps(1 + n as u64 / 8)?;
                Ok(start + n)
            }
        }
    }

    /// The repeated class the pattern begins with, and how many starts beyond its run of characters are as good as
    /// the first.
    fn leading_run(&self) -> Option<(Single, usize)> {
        let at = usize::from(self.pattern.first() == Some(&b'('));
        let (item, end) = self.plain_item(at)?;
        let beyond = match self.pattern.get(end)? {
            b'+' => 0,
            b'*' | b'-' => 1,
            _ => return None,
        };
        // A back reference could tell the starts apart.
        let mut pairs = self.pattern.windows(2);
        let refers = pairs.any(|pair| matches!(pair, [b'%', b'0'..=b'9']));
        (!refers).then_some((item, beyond))
    }

    /// How far to go on after a failure at `at`.
    ///
    /// A leading repetition has tried the rest of the pattern behind each of its characters. Any start further
    /// on in the same run would try a part of these places again, so all of them are left out. Without this a
    /// pattern such as `%w+=` takes time square to the length of the words.
    fn hopeless(&mut self, leading: Option<(Single, usize)>, at: usize) -> Result<usize> {
        let Some((item, beyond)) = leading else {
            return Ok(1);
        };
        let tail = self.subject.get(at..).unwrap_or_default();
        let run = self.position(item, false, tail)?.unwrap_or(tail.len());
        self.take_steps(run as u64 / 8)?;
        Ok((run + beyond).max(1))
    }

    /// The single character class the match must begin with, when the pattern says so plainly.
    fn first_item(&self) -> Option<Single> {
        // A parenthesis takes no character; looking behind one serves "(%w+)..." and the like.
        let at = usize::from(self.pattern.first() == Some(&b'('));
        let (item, end) = self.plain_item(at)?;
        (!self.is_optional(end)).then_some(item)
    }

    #[inline(always)]
    fn take_steps(&mut self, n: u64) -> Result<()> {
        match self.steps.checked_sub(n) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => self.take_steps_beyond(n),
        }
    }

    /// Takes steps beyond the next question.
    #[cold]
    #[inline(never)]
    fn take_steps_beyond(&mut self, n: u64) -> Result<()> {
        let Some(left) = self.steps_left().checked_sub(n) else {
            (self.steps, self.steps_beyond) = (0, 0);
            return Err(PatternError::OutOfSteps);
        };
        self.steps = left.min(STEPS_BETWEEN);
        self.steps_beyond = left - self.steps;
        match (self.goes_on)(left) {
            true => Ok(()),
            false => Err(PatternError::Stopped),
        }
    }

    /// Matches the pattern from `p` at subject position `s`; answers where the match ends.
    fn run(&mut self, mut s: usize, mut p: usize) -> Result<Option<usize>> {
        if self.depth >= self.most_depth {
            return Err(PatternError::Text("pattern too complex"));
        }
        self.depth += 1;
        let end = loop {
            self.take_steps(1)?;
            let Some(&c) = self.pattern.get(p) else {
                break Some(s);
            };
            match c {
                b'(' => {
                    break if self.pattern.get(p + 1) == Some(&b')') {
                        self.open_capture(Capture::Position(s), s, p + 2)?
                    } else {
                        self.open_capture(Capture::Open(s), s, p + 1)?
                    };
                }
                b')' => break self.close_capture(s, p + 1)?,
                b'$' if p + 1 == self.pattern.len() => {
                    break (s == self.subject.len()).then_some(s);
                }
                b'%' => match self.pattern.get(p + 1) {
                    Some(b'b') => {
                        match self.balance(s, p + 2)? {
                            Some(next) => s = next,
                            None => break None,
                        }
                        p += 4;
                        continue;
                    }
                    Some(b'f') => {
                        p += 2;
                        if self.pattern.get(p) != Some(&b'[') {
                            return Err(PatternError::Text("missing '[' after '%f' in pattern"));
                        }
                        let set_end = self.class_end(p)?;
                        let set = self.item(p, set_end);
                        self.take_steps(set.cost())?;
                        let before = s
                            .checked_sub(1)
                            .and_then(|i| self.subject.get(i))
                            .map_or(0, |b| *b);
                        let here = self.subject.get(s).map_or(0, |b| *b);
                        if self.single(set, before) || !self.single(set, here) {
                            break None;
                        }
                        p = set_end;
                        continue;
                    }
                    Some(digit @ b'0'..=b'9') => {
                        match self.back_reference(s, *digit)? {
                            Some(next) => s = next,
                            None => break None,
                        }
                        p += 2;
                        continue;
                    }
                    _ => {}
                },
                _ => {}
            }
            let item_end = self.class_end(p)?;
            let item = self.item(p, item_end);
            self.take_steps(item.cost())?;
            let matched = self.subject.get(s).is_some_and(|b| self.single(item, *b));
            match self.pattern.get(item_end) {
                Some(b'?') => {
                    if matched && let Some(end) = self.run(s + 1, item_end + 1)? {
                        break Some(end);
                    }
                    p = item_end + 1;
                }
                Some(b'+') => {
                    break if matched {
                        self.longest(s + 1, item, item_end + 1)?
                    } else {
                        None
                    };
                }
                Some(b'*') => break self.longest(s, item, item_end + 1)?,
                Some(b'-') => break self.shortest(s, item, item_end + 1)?,
                _ if !matched => break None,
                _ => {
                    s += 1;
                    p = item_end;
                }
            }
        };
        self.depth -= 1;
        Ok(end)
    }

    /// As many `item`s as can be, then fewer, until the rest of the pattern matches.
    fn longest(&mut self, s: usize, item: Single, rest: usize) -> Result<Option<usize>> {
        let tail = self.subject.get(s..).unwrap_or_default();
        let mut n = self.position(item, false, tail)?.unwrap_or(tail.len());
        self.take_steps(n as u64 / 8)?;
        if rest == self.pattern.len() {
            return Ok(Some(s + n));
        }
        // What must follow is looked at before the matcher is entered.
        let follow = self.follow(rest);
        loop {
            if let Follow::One(Single::Byte(byte)) = follow {
                let places = tail.get(..=n).unwrap_or(tail);
                let last = memchr::memrchr(byte, places);
                self.take_steps((places.len() - last.unwrap_or(0)) as u64 / 16)?;
                match last {
                    Some(last) => n = last,
                    None => return Ok(None),
                }
            }
            if self.may_follow(follow, tail.get(n)) {
                if let Some(end) = self.run(s + n, rest)? {
                    return Ok(Some(end));
                }
            } else {
                self.take_steps(u64::from(n & 7 == 0))?;
            }
            match n.checked_sub(1) {
                Some(fewer) => n = fewer,
                None => return Ok(None),
            }
        }
    }

    /// As few `item`s as can be, then more, until the rest of the pattern matches.
    fn shortest(&mut self, mut s: usize, item: Single, rest: usize) -> Result<Option<usize>> {
        let follow = self.follow(rest);
        loop {
            if let (Follow::One(Single::Byte(byte)), Single::Any) = (follow, item) {
                let tail = self.subject.get(s..).unwrap_or_default();
                let next = memchr::memchr(byte, tail);
                self.take_steps(next.unwrap_or(tail.len()) as u64 / 16)?;
                match next {
                    Some(next) => s += next,
                    None => return Ok(None),
                }
            }
            if self.may_follow(follow, self.subject.get(s)) {
                if let Some(end) = self.run(s, rest)? {
                    return Ok(Some(end));
                }
            } else {
                self.take_steps(u64::from(s & 7 == 0))?;
            }
            self.take_steps(item.cost())?;
            match self.subject.get(s) {
                Some(b) if self.single(item, *b) => s += 1,
                _ => return Ok(None),
            }
        }
    }

    /// Where the first byte of `text` is that matches `item`, or does not.
    fn position(&mut self, item: Single, matching: bool, text: &[u8]) -> Result<Option<usize>> {
        Ok(match item {
            Single::Any if matching => (!text.is_empty()).then_some(0),
            Single::Any => None,
            Single::Byte(byte) => text.iter().position(|b| (*b == byte) == matching),
            Single::Class { mask, negated } => text
                .iter()
                .position(|b| (has_class(*b, mask) != negated) == matching),
            Single::Set { .. } => {
                let cost = item.cost();
                for (i, byte) in text.iter().enumerate() {
                    if self.single(item, *byte) == matching {
                        return Ok(Some(i));
                    }
                    // Nothing for the sets people write; a set of kilobytes is paid for at every byte.
                    if cost > 0 {
                        self.take_steps(cost)?;
                    }
                }
                None
            }
        })
    }

    /// What the pattern from `p` on must begin with, if it says so plainly.
    ///
    /// A repetition asks this for what follows it, and so enters the matcher only where that has a chance. On
    /// `(%w+)%s*=` this is the difference between three nested calls and a comparison for each letter.
    fn follow(&self, mut p: usize) -> Follow {
        if self.pattern.get(p) == Some(&b')') && self.innermost_open().is_some() {
            // Closing a capture that is open takes no character and cannot fail.
            p += 1;
        }
        let Some((first, end)) = self.plain_item(p) else {
            return Follow::Anything;
        };
        if !self.is_optional(end) {
            return Follow::One(first);
        }
        match self.plain_item(end + 1) {
            Some((second, end)) if !self.is_optional(end) => Follow::Either(first, second),
            _ => Follow::Anything,
        }
    }

    #[inline(always)]
    fn may_follow(&self, follow: Follow, next: Option<&u8>) -> bool {
        match (follow, next) {
            (Follow::Anything, _) => true,
            (_, None) => false,
            (Follow::One(item), Some(b)) => self.single(item, *b),
            (Follow::Either(first, second), Some(b)) => {
                self.single(first, *b) || self.single(second, *b)
            }
        }
    }

    /// The single character class at `p` and where it ends, if there is one, well formed and cheap.
    fn plain_item(&self, p: usize) -> Option<(Single, usize)> {
        match self.pattern.get(p)? {
            b'(' | b')' => return None,
            b'$' if p + 1 == self.pattern.len() => return None,
            b'%' => match self.pattern.get(p + 1)? {
                b'b' | b'f' | b'0'..=b'9' => return None,
                _ => {}
            },
            _ => {}
        }
        let end = self.class_end(p).ok()?;
        let item = self.item(p, end);
        (item.cost() == 0).then_some((item, end))
    }

    /// Whether the suffix at `end` lets its item be absent.
    fn is_optional(&self, end: usize) -> bool {
        matches!(self.pattern.get(end), Some(b'*' | b'?' | b'-'))
    }

    fn innermost_open(&self) -> Option<usize> {
        (0..self.captures.len)
            .rev()
            .find(|i| matches!(self.captures.at(*i), Some(Capture::Open(_))))
    }

    fn open_capture(&mut self, capture: Capture, s: usize, p: usize) -> Result<Option<usize>> {
        let level = self.captures.len;
        match self.captures.place(level) {
            Some(place) => *place = capture,
            None => return Err(PatternError::Text("too many captures")),
        }
        self.captures.len = level + 1;
        let end = self.run(s, p)?;
        if end.is_none() {
            self.captures.len = level;
        }
        Ok(end)
    }

    fn close_capture(&mut self, s: usize, p: usize) -> Result<Option<usize>> {
        let Some(i) = self.innermost_open() else {
            return Err(PatternError::Text("invalid pattern capture"));
        };
        let Some(Capture::Open(start)) = self.captures.at(i) else {
            return Err(PatternError::Text("invalid pattern capture"));
        };
        self.set_capture(i, Capture::Span(start, s));
        let end = self.run(s, p)?;
        if end.is_none() {
            self.set_capture(i, Capture::Open(start));
        }
        Ok(end)
    }

    fn set_capture(&mut self, i: usize, capture: Capture) {
        if let Some(place) = self.captures.place(i) {
            *place = capture;
        }
    }

    /// `%bxy`, whose two characters stand at `p`.
    fn balance(&mut self, s: usize, p: usize) -> Result<Option<usize>> {
        let (Some(&open), Some(&close)) = (self.pattern.get(p), self.pattern.get(p + 1)) else {
            return Err(PatternError::Text(
                "malformed pattern (missing arguments to '%b')",
            ));
        };
        let tail = self.subject.get(s..).unwrap_or_default();
        if tail.first() != Some(&open) {
            return Ok(None);
        }
        let mut depth = 1_usize;
        let mut end = None;
        let mut seen = tail.len();
        for (i, &byte) in tail.iter().enumerate().skip(1) {
            // Where both are the same byte it closes.
            if byte == close {
                depth -= 1;
                if depth == 0 {
                    end = Some(s + i + 1);
                    seen = i;
                    break;
                }
            } else if byte == open {
                depth += 1;
            }
        }
        self.take_steps(seen as u64 / 8)?;
        Ok(end)
    }

    fn back_reference(&mut self, s: usize, digit: u8) -> Result<Option<usize>> {
        let invalid = PatternError::CaptureIndex(digit - b'0');
        let i = usize::from(digit)
            .checked_sub(usize::from(b'1'))
            .ok_or(invalid)?;
        let captured = match self.captures.at(i) {
            None | Some(Capture::Open(_)) => return Err(invalid),
            // The length of a position capture counts as endless, so it never matches.
            Some(Capture::Position(_)) => return Ok(None),
            Some(Capture::Span(start, end)) => self.subject.get(start..end).unwrap_or_default(),
        };
        let len = captured.len();
        let same = self
            .subject
            .get(s..)
            .unwrap_or_default()
            .starts_with(captured);
        self.take_steps(len as u64 / 16)?;
        Ok(same.then_some(s + len))
    }

    /// Where the single character class that starts at `p` ends.
    #[inline(always)]
    fn class_end(&self, p: usize) -> Result<usize> {
        match self.pattern.get(p) {
            Some(b'%') if p + 1 >= self.pattern.len() => {
                Err(PatternError::Text("malformed pattern (ends with '%')"))
            }
            Some(b'%') => Ok(p + 2),
            Some(b'[') => self.set_end(p + 1),
            _ => Ok(p + 1),
        }
    }

    fn set_end(&self, mut p: usize) -> Result<usize> {
        if self.pattern.get(p) == Some(&b'^') {
            p += 1;
        }
        // A ']' in the first place stands for itself.
        loop {
            match self.pattern.get(p) {
                None => return Err(PatternError::Text("malformed pattern (missing ']')")),
                Some(b'%') if p + 1 < self.pattern.len() => p += 2,
                Some(_) => p += 1,
            }
            if self.pattern.get(p) == Some(&b']') {
                return Ok(p + 1);
            }
        }
    }

    /// The single character class at `p..end`.
    #[inline(always)]
    fn item(&self, p: usize, end: usize) -> Single {
        match self.pattern.get(p) {
            Some(b'.') => Single::Any,
            Some(b'%') => class_item(self.pattern.get(p + 1).map_or(0, |b| *b)),
            Some(b'[') => {
                let negated = self.pattern.get(p + 1) == Some(&b'^');
                Single::Set {
                    start: p + 1 + usize::from(negated),
                    end: end - 1,
                    negated,
                }
            }
            Some(byte) => Single::Byte(*byte),
            None => Single::Byte(0),
        }
    }

    /// Whether `byte` is in a single character class.
    #[inline(always)]
    fn single(&self, item: Single, byte: u8) -> bool {
        match item {
            Single::Any => true,
            Single::Byte(wanted) => byte == wanted,
            Single::Class { mask, negated } => has_class(byte, mask) != negated,
            Single::Set {
                start,
                end,
                negated,
            } => in_set(self.pattern.get(start..end).unwrap_or_default(), byte) != negated,
        }
    }
}

/// A single character class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Single {
    Any,
    Byte(u8),
    Class {
        mask: u16,
        negated: bool,
    },
    /// Between the brackets, without `^`.
    Set {
        start: usize,
        end: usize,
        negated: bool,
    },
}

/// A pattern that is no more than one character class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    /// One character of it.
    One,
    /// As many as there are, one at least.
    Run,
}

/// What must come next, as far as a look at the pattern tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follow {
    Anything,
    One(Single),
    /// The first is optional.
    Either(Single, Single),
}

impl Single {
    /// Steps for looking at one byte beyond the one that every item costs.
    #[inline(always)]
    fn cost(self) -> u64 {
        match self {
            Single::Set { start, end, .. } => (end - start) as u64 / 32,
            Single::Any | Single::Byte(_) | Single::Class { .. } => 0,
        }
    }
}

fn in_set(mut set: &[u8], byte: u8) -> bool {
    loop {
        match set {
            [] => return false,
            [b'%', class, rest @ ..] => {
                match class_item(*class) {
                    Single::Class { mask, negated } if has_class(byte, mask) != negated => {
                        return true;
                    }
                    Single::Byte(b) if b == byte => return true,
                    _ => {}
                }
                set = rest;
            }
            [low, b'-', high, rest @ ..] => {
                if (*low..=*high).contains(&byte) {
                    return true;
                }
                set = rest;
            }
            [b, rest @ ..] => {
                if *b == byte {
                    return true;
                }
                set = rest;
            }
        }
    }
}

/// What `%` and this letter mean.
#[inline(always)]
fn class_item(letter: u8) -> Single {
    match class_mask(letter) {
        Some(mask) => Single::Class {
            mask,
            negated: letter.is_ascii_uppercase(),
        },
        None => Single::Byte(letter),
    }
}

#[cfg(test)]
#[path = "pattern/tests.rs"]
mod tests;
