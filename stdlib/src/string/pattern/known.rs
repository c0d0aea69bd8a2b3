//! What is known of the patterns that a program uses over and over, so that their texts are read once.

use std::array;

use super::piece::{Kind, Lead, Piece, Single, Source, Whole};

/// Longer patterns are read as they are matched.
const LONGEST: usize = 32;

/// How many patterns are known at most.
const PATTERNS: usize = 8;

/// A place is given to another pattern when its own was not asked for so often in a row. Two that are used in turn would
/// otherwise be read anew each time, which takes longer than reading them as they are matched.
const PATIENCE: u8 = 8;

/// How far [`Known::near`] looks.
const NEAR: usize = 64;

/// A pattern and its pieces.
#[derive(Debug)]
pub struct Known {
    text: [u8; LONGEST],
    len: usize,
    /// By their places in the text. What stands at places where no piece begins is never looked at.
    pieces: [Piece; LONGEST + 1],
    lead: Lead,
    leading_run: Option<(Single, usize)>,
    /// How often another pattern was asked for since.
    n_others: u8,
}

impl Known {
    fn new(pattern: &[u8]) -> Known {
        let source = Source(pattern);
        let mut known = Known {
            text: array::from_fn(|i| pattern.get(i).copied().unwrap_or(0)),
            len: pattern.len(),
            pieces: [source.piece(pattern.len(), false); LONGEST + 1],
            lead: source.lead(),
            leading_run: source.leading_run(),
            n_others: 0,
        };
        let (mut p, mut n_open) = (0, 0_u32);
        while let Some(place) = known.pieces.get_mut(p) {
            let piece = source.piece(p, n_open != 0);
            *place = piece;
            match piece.kind {
                Kind::Open => n_open += 1,
                Kind::Close => n_open = n_open.saturating_sub(1),
                Kind::End | Kind::Malformed => break,
                _ => {}
            }
            p = piece.next;
        }
        known
    }

    #[inline]
    pub(super) fn pieces(&self) -> &[Piece] {
        self.pieces.get(..=self.len).unwrap_or_default()
    }

    pub(super) fn lead(&self) -> Lead {
        self.lead
    }

    pub(super) fn leading_run(&self) -> Option<(Single, usize)> {
        self.leading_run
    }

    /// The first match in `text`, which begins nearby, or that there is none in a short text, and the steps to know that,
    /// as the matcher counts them; `None` if it takes more than a look, as with all that is more than one character class.
    #[inline(always)]
    pub fn near(&self, text: &[u8]) -> Option<(Option<(usize, usize)>, u64)> {
        let Lead {
            first: Some(item),
            whole: Some(whole),
        } = self.lead
        else {
            return None;
        };
        let source = Source(self.text.get(..self.len)?);
        let window = text.get(..NEAR).unwrap_or(text);
        let position = |text: &[u8], matching: bool| {
            let mut bytes = text.iter();
            bytes.position(|byte| source.single(item, *byte) == matching)
        };
        let Some(start) = position(window, true) else {
            let is_all = window.len() == text.len();
            return is_all.then_some((None, text.len() as u64 / 16));
        };
        let cost = start as u64 / 16;
        match whole {
            Whole::One => Some((Some((start, start + 1)), cost + 2)),
            Whole::Run => {
                let tail = window.get(start + 1..)?;
                let n = match position(tail, false) {
                    Some(n) => n,
                    None if window.len() == text.len() => tail.len(),
                    None => return None,
                };
                Some((Some((start, start + 1 + n)), cost + 1 + n as u64 / 8))
            }
        }
    }

    #[cold]
    fn become_another(&mut self, pattern: &[u8]) {
        *self = Known::new(pattern);
    }

    #[inline(always)]
    fn is(&self, pattern: &[u8]) -> bool {
        // Byte by byte: a comparison of slices is a call.
        let mut bytes = self.text.iter().zip(pattern);
        self.len == pattern.len() && bytes.all(|(a, b)| a == b)
    }
}

/// The patterns that are known, each at a place that follows from its text.
#[derive(Debug, Default)]
pub struct Patterns {
    places: Vec<Known>,
}

impl Patterns {
    /// Bytes that they take once there are any.
    pub const SIZE: usize = PATTERNS * size_of::<Known>();

    /// Whether there is room for them yet.
    pub fn is_ready(&self) -> bool {
        !self.places.is_empty()
    }

    /// Makes that room, if it can be had.
    pub fn prepare(&mut self) -> bool {
        let is_room = self.places.try_reserve_exact(PATTERNS).is_ok();
        if is_room {
            self.places.resize_with(PATTERNS, || Known {
                n_others: PATIENCE,
                ..Known::new(b"")
            });
        }
        is_room
    }

    /// What is known of a pattern. One that is short and was not known is read, if there is a place for it.
    #[inline(always)]
    pub fn get(&mut self, pattern: &[u8]) -> Option<&Known> {
        if pattern.len() > LONGEST {
            return None;
        }
        let ends = (
            pattern.first().copied().unwrap_or(0),
            pattern.last().copied().unwrap_or(0),
        );
        let middle = pattern.get(pattern.len() / 2).copied().unwrap_or(0);
        let hash = pattern.len()
            + 3 * usize::from(ends.0)
            + 5 * usize::from(ends.1)
            + 7 * usize::from(middle);
        let known = self.places.get_mut(hash % PATTERNS)?;
        if known.is(pattern) {
            known.n_others = 0;
        } else if known.n_others < PATIENCE {
            known.n_others += 1;
            return None;
        } else {
            known.become_another(pattern);
        }
        Some(known)
    }
}
