//! The matcher by itself: what is found where, and which patterns are refused.

use proptest::prelude::*;

use super::known::Patterns;
use super::*;

/// Where the pattern is found, and the captures; read as it is matched, and known before, which is to be the same.
fn find_with(
    subject: &[u8],
    pattern: &[u8],
    steps: u64,
) -> Result<Option<(usize, usize, Vec<Capture>)>> {
    let mut patterns = Patterns::default();
    assert!(patterns.prepare());
    let anchored = pattern.first() == Some(&b'^');
    let pattern = &pattern[usize::from(anchored)..];
    let read = find_knowing(subject, pattern, anchored, steps, None);
    let known = patterns.get(pattern);
    assert_eq!(known.is_some(), pattern.len() <= 32);
    let found = find_knowing(subject, pattern, anchored, steps, known);
    assert_eq!(read, found, "{pattern:?}");
    // What is known stays right.
    let again = find_knowing(subject, pattern, anchored, steps, patterns.get(pattern));
    assert_eq!(read, again, "{pattern:?}");
    found.0
}

type Found = (Result<Option<(usize, usize, Vec<Capture>)>>, u64);

fn find_knowing(
    subject: &[u8],
    pattern: &[u8],
    anchored: bool,
    steps: u64,
    known: Option<&Known>,
) -> Found {
    let mut captures = Captures::new();
    let mut goes_on = |_| true;
    let mut matcher =
        Matcher::new(subject, pattern, &mut captures, steps, &mut goes_on).knowing(known);
    let found = if anchored {
        matcher.match_at(0).map(|end| end.map(|end| (0, end)))
    } else {
        matcher.find(0, None)
    };
    let left = matcher.steps_left();
    let with_captures = |(start, end)| {
        let captures = (0..captures.len()).map(|i| captures.get(i, start, end).unwrap());
        (start, end, captures.collect())
    };
    (found.map(|found| found.map(with_captures)), left)
}

fn find(subject: &str, pattern: &str) -> Option<(usize, usize)> {
    find_with(subject.as_bytes(), pattern.as_bytes(), u64::MAX)
        .unwrap()
        .map(|(start, end, _)| (start, end))
}

fn captured(subject: &str, pattern: &str) -> Vec<Capture> {
    find_with(subject.as_bytes(), pattern.as_bytes(), u64::MAX)
        .unwrap()
        .unwrap()
        .2
}

fn refused(subject: &str, pattern: &str) -> PatternError {
    find_with(subject.as_bytes(), pattern.as_bytes(), u64::MAX).unwrap_err()
}

#[test]
fn single_characters_and_repetitions() {
    assert_eq!(find("alo xyz", "x"), Some((4, 5)));
    assert_eq!(find("aaab", "a*"), Some((0, 3)));
    assert_eq!(find("baaa", "a*"), Some((0, 0)));
    assert_eq!(find("baaa", "a+"), Some((1, 4)));
    assert_eq!(find("aaab", "^.-b"), Some((0, 4)));
    assert_eq!(find("aaab", "a-b"), Some((0, 4)));
    assert_eq!(find("ab", "ax?b"), Some((0, 2)));
    assert_eq!(find("axb", "ax?b"), Some((0, 3)));
    assert_eq!(find("aloALO", "%l*"), Some((0, 3)));
    assert_eq!(find("alo123", "%a+$"), None);
    assert_eq!(find("alo$", "o$$"), Some((2, 4)));
    assert_eq!(find("a$b", "$b"), Some((1, 3)));
    assert_eq!(find("a-b", "a%-b"), Some((0, 3)));
    assert_eq!(find("a\0b", "%z"), Some((1, 2)));
    assert_eq!(find("", ""), Some((0, 0)));
    assert_eq!(find("a", "^"), Some((0, 0)));
    assert_eq!(find("x^y", "x^y"), Some((0, 3)));
}

#[test]
fn sets_and_classes() {
    assert_eq!(find("]", "[]]"), Some((0, 1)));
    assert_eq!(find("a", "[^]]"), Some((0, 1)));
    assert_eq!(find("-", "[a-]"), Some((0, 1)));
    assert_eq!(find("^", "[a^]"), Some((0, 1)));
    assert_eq!(find("b1-", "[%d-]+"), Some((1, 3)));
    assert_eq!(find("0123456789", "[^%d]"), None);
    assert_eq!(find("m", "[a-z]"), Some((0, 1)));
    assert_eq!(find("\u{e9}", "[\u{80}-\u{ff}]"), Some((0, 1)));
    assert_eq!(find("a.b", "%p"), Some((1, 2)));
    assert_eq!(find("a\tb", "%c"), Some((1, 2)));
    assert_eq!(find(" \x0b", "%s+"), Some((0, 2)));
    assert_eq!(find("0xFg", "%x+",), Some((0, 1)));
    assert_eq!(find("abc", "%U+"), Some((0, 3)));
}

#[test]
fn captures_are_spans_and_positions() {
    use Capture::{Position, Span};
    assert_eq!(
        captured("key = 12", "(%w+)%s*=%s*(%d+)"),
        [Span(0, 3), Span(6, 8)]
    );
    assert_eq!(captured("abc", "()b()"), [Position(1), Position(2)]);
    assert_eq!(
        captured("abc", "((a)(b))"),
        [Span(0, 2), Span(0, 1), Span(1, 2)]
    );
    assert_eq!(captured("xaay", "(a*(.)%2)"), [Span(1, 3), Span(1, 2)]);
    assert_eq!(find("=[[x]]=", "(=)%[%[.-%]%]%1"), Some((0, 7)));
    assert_eq!(find("abc", "()%1"), None);
}

#[test]
fn captures_are_taken_back_with_what_was_tried() {
    use Capture::{Position, Span};
    assert_eq!(captured("aaab", "(a-)(a*)b"), [Span(0, 0), Span(0, 3)]);
    assert_eq!(
        captured("aaab", "((a?)a?)ab()"),
        [Span(0, 2), Span(0, 1), Position(4)]
    );
    assert_eq!(
        captured("xabab", "((.-)b)()$"),
        [Span(0, 5), Span(0, 4), Position(5)]
    );
    assert_eq!(captured("aab", "(a*(a))b"), [Span(0, 2), Span(1, 2)]);
    assert_eq!(
        captured("abcabd", "((ab)(c?))d"),
        [Span(3, 5), Span(3, 5), Span(5, 5)]
    );
}

#[test]
fn balance_and_frontier() {
    assert_eq!(find("f(a(b)c)d", "%b()"), Some((1, 8)));
    assert_eq!(find("((a", "%b()"), None);
    assert_eq!(find("'a'b'", "%b''"), Some((0, 3)));
    assert_eq!(find("THE (quick) fox", "%f[%a]%a+%f[%A]"), Some((0, 3)));
    assert_eq!(find("aba", "%f[a%z]"), Some((2, 2)));
    assert_eq!(find("a", "%f[%z]"), Some((1, 1)));
    assert_eq!(find("a", "%f[\0]"), Some((1, 1)));
}

#[test]
fn malformed_patterns_are_refused() {
    let text = |subject: &str, pattern: &str| match refused(subject, pattern) {
        PatternError::Text(text) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text("a", "[a"), "malformed pattern (missing ']')");
    assert_eq!(text("a", "[]"), "malformed pattern (missing ']')");
    assert_eq!(text("a", "[a%]"), "malformed pattern (missing ']')");
    assert_eq!(text("a", "[a%"), "malformed pattern (missing ']')");
    assert_eq!(text("a", "%"), "malformed pattern (ends with '%')");
    assert_eq!(
        text("a", "%b"),
        "malformed pattern (missing arguments to '%b')"
    );
    assert_eq!(text("a", "%f"), "missing '[' after '%f' in pattern");
    assert_eq!(text("a", "a)"), "invalid pattern capture");
    assert_eq!(text("a", &"()".repeat(33)), "too many captures");
    assert_eq!(
        text(&"a".repeat(2000), &".?".repeat(2000)),
        "pattern too complex"
    );
    assert_eq!(refused("a", "%1"), PatternError::CaptureIndex(1));
    assert_eq!(refused("a", "%0"), PatternError::CaptureIndex(0));
    assert_eq!(refused("a", "(%1"), PatternError::CaptureIndex(1));
    assert_eq!(captured("a", "(a"), [Capture::Open(0)]);
    assert_eq!(find("b", "a["), None);
}

#[test]
fn nesting_to_a_depth_is_allowed() {
    assert_eq!(find(&"a".repeat(80), &".?".repeat(80)), Some((0, 80)));
    // Plain sequences and repetitions need no depth.
    assert_eq!(find(&"a".repeat(3000), &"a".repeat(3000)), Some((0, 3000)));
    assert_eq!(find(&"a".repeat(3000), &"a*".repeat(150)), Some((0, 3000)));
}

#[test]
fn an_exponential_pattern_runs_out_of_steps() {
    let result = find_with("a".repeat(40).as_bytes(), "a*".repeat(30).as_bytes(), 1000).map(|_| ());
    assert_eq!(result, Ok(()));
    let pattern = ["a-".repeat(30), "b".to_owned()].concat();
    assert_eq!(
        find_with("a".repeat(60).as_bytes(), pattern.as_bytes(), 100_000).unwrap_err(),
        PatternError::OutOfSteps
    );
}

/// A slow matcher for patterns of single characters and repetitions, as an oracle.
fn slow(subject: &[u8], pattern: &[u8]) -> Option<usize> {
    let [item, rest @ ..] = pattern else {
        return Some(0);
    };
    let is = |b: &u8| *item == b'.' || b == item;
    let (suffix, after) = match rest {
        [s @ (b'*' | b'+' | b'-' | b'?'), after @ ..] => (*s, after),
        _ => (0, rest),
    };
    let most = subject.iter().take_while(|b| is(b)).count();
    let counts: Vec<usize> = match suffix {
        b'*' => (0..=most).rev().collect(),
        b'+' => (1..=most).rev().collect(),
        b'-' => (0..=most).collect(),
        b'?' => (0..=most.min(1)).rev().collect(),
        _ if most > 0 => vec![1],
        _ => vec![],
    };
    counts
        .into_iter()
        .find_map(|n| slow(&subject[n..], after).map(|end| end + n))
}

proptest! {
    #[test]
    fn agrees_with_a_slow_matcher(subject in "[ab]{0,12}", items in prop::collection::vec(("[ab.]", "[*+?-]?"), 0..6)) {
        let pattern: String = items.iter().map(|(item, suffix)| format!("{item}{suffix}")).collect();
        let expected = (0..=subject.len())
            .find_map(|at| slow(&subject.as_bytes()[at..], pattern.as_bytes()).map(|end| (at, at + end)));
        prop_assert_eq!(find(&subject, &pattern), expected);
    }

    #[test]
    fn no_pattern_makes_it_panic(
        subject in prop::collection::vec(any::<u8>(), 0..30),
        pattern in "[ab%().*+?\\[\\]^$bf1-]{0,16}",
    ) {
        let _ = find_with(&subject, pattern.as_bytes(), 20_000);
    }
}

#[test]
fn long_searches_ask_whether_to_go_on_and_end_when_told_to() {
    let subject = vec![b'a'; 3000];
    let mut captures = Captures::new();
    let mut answers = Vec::new();
    let mut goes_on = |left| {
        answers.push(left);
        answers.len() < 3
    };
    let steps = 1 << 40;
    let mut matcher = Matcher::new(&subject, b".-.-.-x", &mut captures, steps, &mut goes_on);
    assert_eq!(matcher.find(0, None), Err(PatternError::Stopped));
    let left = matcher.steps_left();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers.last(), Some(&left));
    let used = steps - left;
    assert!(
        (3 * STEPS_BETWEEN..4 * STEPS_BETWEEN).contains(&used),
        "{used}"
    );
}

#[test]
fn patterns_that_share_a_place_do_not_drive_each_other_out() {
    let mut patterns = Patterns::default();
    assert!(patterns.prepare());
    // Of nine, two share one of the eight places.
    let texts: Vec<[u8; 1]> = (b'a'..=b'i').map(|letter| [letter]).collect();
    let mut known = |text: &[u8]| patterns.get(text).is_some();
    let first: Vec<bool> = texts.iter().map(|text| known(text)).collect();
    assert!(first.contains(&true) && first.contains(&false));
    for _ in 0..100 {
        let again: Vec<bool> = texts.iter().map(|text| known(text)).collect();
        assert_eq!(again, first);
    }
    // One that is asked for alone becomes known.
    let late = texts.iter().zip(&first).find(|(_, known)| !**known);
    let (late, _) = late.unwrap();
    assert!((0..20).any(|_| known(late)));
}
