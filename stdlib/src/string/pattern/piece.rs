//! The pieces of a pattern: what stands at a place of its text, and what a match must begin with.

use super::PatternError;
use super::class::{self, Class};

/// The text of a pattern without its `^` anchor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a>(pub &'a [u8]);

/// What the matcher does at one place of a pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub kind: Kind,
    /// A single character class; of a back reference, its digit.
    pub item: Single,
    /// Steps for coming by.
    pub cost: u64,
    /// Where the next piece stands.
    pub next: usize,
    /// Of a repetition: what comes next.
    pub follow: Follow,
    /// Of `+`, `*` and `?`: what comes next can only match behind the longest run, or matches anywhere. Then nothing is
    /// to be tried behind a shorter one.
    pub is_firm: bool,
}

/// The kinds of pieces; the ones that look at one character come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// One item.
    Once,
    /// `?`
    Optional,
    /// `+`
    Plus,
    /// `*`
    Star,
    /// `-`
    Lazy,
    /// The end of the pattern.
    End,
    /// A `$` there.
    EndOfSubject,
    /// `(`
    Open,
    /// `()`
    Position,
    /// `)`
    Close,
    /// `%bxy`
    Balance,
    /// `%f[set]`
    Frontier,
    /// `%1` and its like.
    BackReference,
    /// [`Source::malformed`] says why.
    Malformed,
}

/// A single character class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Single {
    Any,
    Byte(u8),
    Class(Class),
    /// Between the brackets, without `^`.
    Set {
        start: usize,
        end: usize,
        negated: bool,
    },
}

/// What must come next, as far as a look at the pattern tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follow {
    Anything,
    One(Single),
    /// The first is optional.
    Either(Single, Single),
    /// The end of the subject.
    End,
    /// One that is optional, or the end of the subject.
    OrEnd(Single),
}

/// A pattern that is no more than one character class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// One character of it.
    One,
    /// As many as there are, one at least.
    Run,
}

/// What a search looks for before it tries to match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lead {
    /// The single character class the match must begin with, when the pattern says so plainly.
    pub first: Option<Single>,
    /// Whether that class, alone or with a `+`, is all: then its first character decides.
    pub whole: Option<Whole>,
}

impl Single {
    /// Steps for looking at one byte beyond the one that every item costs.
    #[inline(always)]
    pub fn cost(self) -> u64 {
        match self {
            Single::Set { start, end, .. } => (end - start) as u64 / 32,
            Single::Any | Single::Byte(_) | Single::Class(_) => 0,
        }
    }

    /// What `%` and this letter mean.
    #[inline(always)]
    fn of_letter(letter: u8) -> Single {
        match Class::of_letter(letter) {
            Some(class) => Single::Class(class),
            None => Single::Byte(letter),
        }
    }
}

impl<'a> Source<'a> {
    fn get(self, p: usize) -> Option<u8> {
        self.0.get(p).copied()
    }

    /// The piece at `p`; `has_open` says whether a capture is open there.
    pub fn piece(self, p: usize, has_open: bool) -> Piece {
        let plain = |kind, n| Piece {
            kind,
            item: Single::Any,
            cost: 1,
            next: p + n,
            follow: Follow::Anything,
            is_firm: false,
        };
        let mut start = p;
        let mut kind = Kind::Once;
        match self.get(p) {
            None => return plain(Kind::End, 0),
            Some(b'(') if self.get(p + 1) == Some(b')') => return plain(Kind::Position, 2),
            Some(b'(') => return plain(Kind::Open, 1),
            Some(b')') => return plain(Kind::Close, 1),
            Some(b'$') if self.is_end_anchor(p) => return plain(Kind::EndOfSubject, 1),
            Some(b'%') => match self.get(p + 1) {
                Some(b'b') => return plain(Kind::Balance, 4),
                Some(b'f') => {
                    kind = Kind::Frontier;
                    start += 2;
                    if self.get(start) != Some(b'[') {
                        return plain(Kind::Malformed, 0);
                    }
                }
                Some(digit @ b'0'..=b'9') => {
                    return Piece {
                        item: Single::Byte(digit),
                        ..plain(Kind::BackReference, 2)
                    };
                }
                _ => {}
            },
            Some(_) => {}
        }
        let Ok(end) = self.class_end(start) else {
            return plain(Kind::Malformed, 0);
        };
        if kind != Kind::Frontier {
            kind = match self.get(end) {
                Some(b'?') => Kind::Optional,
                Some(b'+') => Kind::Plus,
                Some(b'*') => Kind::Star,
                Some(b'-') => Kind::Lazy,
                _ => Kind::Once,
            };
        }
        let next = end + usize::from(kind != Kind::Frontier && kind != Kind::Once);
        let item = self.item(start, end);
        let follow = match kind {
            Kind::Plus | Kind::Star | Kind::Lazy | Kind::Optional => self.follow(next, has_open),
            _ => Follow::Anything,
        };
        let is_firm = match (kind, follow) {
            (Kind::Once | Kind::Frontier | Kind::Lazy, _) => false,
            (_, Follow::Anything) => self.cannot_fail(next, has_open),
            (_, Follow::End) => true,
            (_, Follow::One(first) | Follow::OrEnd(first)) => self.are_disjoint(item, first),
            (_, Follow::Either(first, second)) => {
                self.are_disjoint(item, first) && self.are_disjoint(item, second)
            }
        };
        Piece {
            kind,
            item,
            cost: 1 + item.cost(),
            next,
            follow,
            is_firm,
        }
    }

    /// What is wrong with the piece at `p`.
    #[cold]
    pub fn malformed(self, p: usize) -> PatternError {
        let mut start = p;
        if self.0.get(p..p + 2) == Some(b"%f") {
            start += 2;
            if self.get(start) != Some(b'[') {
                return PatternError::Text("missing '[' after '%f' in pattern");
            }
        }
        PatternError::Text(self.class_end(start).err().unwrap_or("malformed pattern"))
    }

    /// What a search looks for first.
    pub fn lead(self) -> Lead {
        // A parenthesis takes no character; looking behind one serves "(%w+)..." and the like.
        let at = usize::from(self.get(0) == Some(b'('));
        let Some((item, end)) = self.plain_item(at) else {
            return Lead {
                first: None,
                whole: None,
            };
        };
        let whole = match self.0.get(end..) {
            _ if at != 0 => None,
            Some([]) => Some(Whole::One),
            Some([b'+']) => Some(Whole::Run),
            _ => None,
        };
        Lead {
            first: (!self.is_optional(end)).then_some(item),
            whole,
        }
    }

    /// The repeated class the pattern begins with, and how many starts beyond its run of characters are as good as
    /// the first.
    pub fn leading_run(self) -> Option<(Single, usize)> {
        let at = usize::from(self.get(0) == Some(b'('));
        let (item, end) = self.plain_item(at)?;
        let beyond = match self.get(end)? {
            b'+' => 0,
            b'*' | b'-' => 1,
            _ => return None,
        };
        // A back reference could tell the starts apart.
        let mut pairs = self.0.windows(2);
        let refers = pairs.any(|pair| matches!(pair, [b'%', b'0'..=b'9']));
        (!refers).then_some((item, beyond))
    }

    /// What the pattern from `p` on must begin with, if it says so plainly.
    ///
    /// A repetition asks this for what follows it, and so enters the matcher only where that has a chance. On
    /// `(%w+)%s*=` this is the difference between three nested calls and a comparison for each letter.
    fn follow(self, mut p: usize, has_open: bool) -> Follow {
        if has_open && self.get(p) == Some(b')') {
            // Closing a capture that is open takes no character and cannot fail.
            p += 1;
        }
        let Some((first, end)) = self.plain_item(p) else {
            return match self.is_end_anchor(p) {
                true => Follow::End,
                false => Follow::Anything,
            };
        };
        if !self.is_optional(end) {
            return Follow::One(first);
        }
        if self.is_end_anchor(end + 1) {
            return Follow::OrEnd(first);
        }
        match self.plain_item(end + 1) {
            Some((second, end)) if !self.is_optional(end) => Follow::Either(first, second),
            _ => Follow::Anything,
        }
    }

    /// Whether what comes from `p` on matches anywhere: at most a few items that may be absent, and the end.
    fn cannot_fail(self, mut p: usize, has_open: bool) -> bool {
        const FEW: usize = 4;
        for _ in 0..FEW {
            match self.0.get(p..) {
                Some([]) => return true,
                Some(b")") => return has_open,
                _ => {}
            }
            match self.plain_item(p) {
                Some((_, end)) if self.is_optional(end) => p = end + 1,
                _ => return false,
            }
        }
        false
    }

    /// Whether no byte is in both; also false where it takes more than a look to tell.
    fn are_disjoint(self, a: Single, b: Single) -> bool {
        match (a, b) {
            _ if self.groups(a) & self.groups(b) == 0 => true,
            (Single::Byte(byte), other) | (other, Single::Byte(byte)) => !self.single(other, byte),
            _ => false,
        }
    }

    /// The groups of bytes in which those of a single character class are.
    fn groups(self, item: Single) -> u8 {
        match item {
            Single::Any | Single::Set { negated: true, .. } => class::ALL_GROUPS,
            Single::Byte(byte) => class::group_of(byte),
            Single::Class(class) => class.groups(),
            Single::Set { start, end, .. } => {
                groups_of_set(self.0.get(start..end).unwrap_or_default())
            }
        }
    }

    /// The single character class at `p` and where it ends, if there is one, well formed and cheap.
    fn plain_item(self, p: usize) -> Option<(Single, usize)> {
        match self.get(p)? {
            b'(' | b')' => return None,
            b'$' if self.is_end_anchor(p) => return None,
            b'%' => match self.get(p + 1)? {
                b'b' | b'f' | b'0'..=b'9' => return None,
                _ => {}
            },
            _ => {}
        }
        // Sets beyond that have a cost, and looking for their ends has one, too.
        const FAR: usize = 40;
        let near = Source(self.0.get(..p + FAR).unwrap_or(self.0));
        let end = near.class_end(p).ok()?;
        let item = self.item(p, end);
        (item.cost() == 0).then_some((item, end))
    }

    /// Whether `$` at `p` stands for the end of the subject.
    fn is_end_anchor(self, p: usize) -> bool {
        self.0.get(p..) == Some(b"$")
    }

    /// Whether the suffix at `end` lets its item be absent.
    fn is_optional(self, end: usize) -> bool {
        matches!(self.get(end), Some(b'*' | b'?' | b'-'))
    }

    /// Where the single character class that starts at `p` ends, or what is wrong with it.
    fn class_end(self, p: usize) -> Result<usize, &'static str> {
        match self.get(p) {
            Some(b'%') if p + 1 >= self.0.len() => Err("malformed pattern (ends with '%')"),
            Some(b'%') => Ok(p + 2),
            Some(b'[') => self.set_end(p + 1).ok_or("malformed pattern (missing ']')"),
            _ => Ok(p + 1),
        }
    }

    fn set_end(self, mut p: usize) -> Option<usize> {
        if self.get(p) == Some(b'^') {
            p += 1;
        }
        // A ']' in the first place stands for itself.
        loop {
            p += match self.get(p)? {
                b'%' if p + 1 < self.0.len() => 2,
                _ => 1,
            };
            if self.get(p) == Some(b']') {
                return Some(p + 1);
            }
        }
    }

    /// The single character class at `p..end`.
    fn item(self, p: usize, end: usize) -> Single {
        match self.get(p) {
            Some(b'.') => Single::Any,
            Some(b'%') => Single::of_letter(self.get(p + 1).unwrap_or(0)),
            Some(b'[') => {
                let negated = self.get(p + 1) == Some(b'^');
                Single::Set {
                    start: p + 1 + usize::from(negated),
                    end: end - 1,
                    negated,
                }
            }
            Some(byte) => Single::Byte(byte),
            None => Single::Byte(0),
        }
    }

    /// Whether `byte` is in a single character class.
    #[inline(always)]
    pub fn single(self, item: Single, byte: u8) -> bool {
        match item {
            Single::Any => true,
            Single::Byte(wanted) => byte == wanted,
            Single::Class(class) => class.has(byte),
            Single::Set {
                start,
                end,
                negated,
            } => in_set(self.0.get(start..end).unwrap_or_default(), byte) != negated,
        }
    }
}

/// The groups in which the bytes of a set are.
fn groups_of_set(mut set: &[u8]) -> u8 {
    let mut groups = 0;
    loop {
        let (more, rest) = match set {
            [] => return groups,
            [b'%', letter, rest @ ..] => (class::groups_of_letter(*letter), rest),
            [low, b'-', high, rest @ ..] => match class::group_of(*low) {
                group if group == class::group_of(*high) && class::is_stretch(group) => {
                    (group, rest)
                }
                _ => return class::ALL_GROUPS,
            },
            [byte, rest @ ..] => (class::group_of(*byte), rest),
        };
        groups |= more;
        set = rest;
    }
}

fn in_set(mut set: &[u8], byte: u8) -> bool {
    loop {
        let (is_in, rest) = match set {
            [] => return false,
            [b'%', letter, rest @ ..] => {
                let is_in = match Single::of_letter(*letter) {
                    Single::Class(class) => class.has(byte),
                    _ => *letter == byte,
                };
                (is_in, rest)
            }
            [low, b'-', high, rest @ ..] => ((*low..=*high).contains(&byte), rest),
            [b, rest @ ..] => (*b == byte, rest),
        };
        if is_in {
            return true;
        }
        set = rest;
    }
}
