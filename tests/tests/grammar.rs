//! The grammar of the manual against the hand-written parser: both accept the same sources, and make the same of them.
//!
//! Sources are the programs of the suite and the benchmarks, programs made from the grammar (`program`), and such
//! programs with tokens lost, doubled, exchanged or put in. Everyday runs make 3,000 of these;
//! `CU_GRAMMAR_PROGRAMS=100000` makes as many as it says.

mod program;
mod tree;

use std::env;
use std::path::Path;

use cu_grammar::{Node, PRODUCTIONS, Seen};
use cu_lexer::{Meter, TokenKind};
use cu_parser::ParseError;
use cu_tests::suite;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::puc::Source;

/// How many programs are made, unless `CU_GRAMMAR_PROGRAMS` says otherwise.
const PROGRAMS: u32 = 3_000;
/// What is put into broken programs.
const SPARE: &[&str] = &[
    "(", ")", "=", ",", ";", "end", "local", "function", "a", "1", "...", "::", ".", ":", "<", "]",
    "[", "{", "}", "do", "then", "return", "and", "-", "not", "'s'", "@", "until", "<const>",
    "goto",
];

#[test]
fn both_parsers_agree_on_every_program_there_is() {
    let mut sources = Vec::new();
    let files = suite::collect(&suite::folder()).unwrap_or_else(|e| panic!("the suite: {e}"));
    sources.extend(
        files
            .into_iter()
            .map(|file| (file.name, file.source.into_bytes())),
    );
    for folder in ["../benches/lua", "puc"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        sources.extend(
            Source::all_in(&folder)
                .into_iter()
                .map(|s| (s.name, s.text)),
        );
    }
    assert!(sources.len() > 600, "only {} programs", sources.len());
    let mut seen = Seen::default();
    let mut accepted = 0;
    for (name, source) in &sources {
        let agreed = compare(source, &mut seen);
        accepted += u32::from(agreed.unwrap_or_else(|what| panic!("{name}: {what}")));
    }
    assert!(accepted > 600, "only {accepted} programs are valid");
}

#[test]
fn both_parsers_agree_on_made_and_broken_programs() {
    let n = env::var("CU_GRAMMAR_PROGRAMS").ok();
    let n: u32 = n.and_then(|n| n.parse().ok()).unwrap_or(PROGRAMS);
    let config = Config {
        cases: n,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let seen = std::cell::RefCell::new((Seen::default(), [0_u32; 2], [0_u32; 2]));
    let faults = vec((any::<u16>(), 0..5_u8, any::<u16>()), 0..3);
    let inputs = (vec(any::<u8>(), 0..300), faults, any::<bool>());
    let result = TestRunner::new_with_rng(config, rng).run(&inputs, |(tape, faults, in_lines)| {
        let mut tokens = program::program(&tape);
        for &fault in &faults {
            damage(&mut tokens, fault);
        }
        let source = tokens.join(if in_lines { "\n" } else { " " });
        let (seen, whole, broken) = &mut *seen.borrow_mut();
        match compare(source.as_bytes(), seen) {
            Ok(accepted) if faults.is_empty() => whole[usize::from(accepted)] += 1,
            Ok(accepted) => broken[usize::from(accepted)] += 1,
            Err(what) => return Err(TestCaseError::fail(format!("{what}\n{source}"))),
        }
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
    let (seen, whole, broken) = seen.into_inner();
    println!("whole programs: {} valid, {} not", whole[1], whole[0]);
    println!("broken programs: {} valid, {} not", broken[1], broken[0]);
    assert!(whole[1] > n / 10 && broken[0] > n / 10);
    let productions = PRODUCTIONS
        .iter()
        .filter(|name| !seen.productions.contains_key(*name));
    assert_eq!(productions.collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(seen.productions.len(), PRODUCTIONS.len());
    let tokens = TokenKind::ALL.iter().map(|kind| kind.text());
    let unseen = tokens.filter(|text| !seen.tokens.contains_key(text));
    assert_eq!(unseen.collect::<Vec<_>>(), ["<stray>", "<eof>"]);
}

#[test]
fn the_grammar_knows_what_the_manual_says_in_words() {
    let text = |source: &str| {
        let tree = cu_grammar::parse(source.as_bytes(), &mut Seen::default());
        tree.map(|tree| show(&tree)).unwrap_or("no chunk".into())
    };
    for (source, expected) in [
        (
            "return a .. b .. c",
            "(block (return (.. (name a) (.. (name b) (name c)))))",
        ),
        (
            "return a - b - c",
            "(block (return (- (- (name a) (name b)) (name c))))",
        ),
        (
            "return -a ^ -b ^ c",
            "(block (return (unary - (^ (name a) (unary - (^ (name b) (name c)))))))",
        ),
        (
            "return not a == b or c",
            "(block (return (or (== (unary not (name a)) (name b)) (name c))))",
        ),
        (
            "a = b\n(c)()",
            "(block (assign (list (name a)) (list (call (call (name b) (name c))))))",
        ),
        (
            "goto b;\n(c)()",
            "(block (goto b) (call-stat (call (paren (name c)))))",
        ),
        (
            "goto b\n(c)()",
            "(block (goto b) (call-stat (call (paren (name c)))))",
        ),
        (
            "local a <const>, b <close>",
            "(block (local (list (declare a (attrib const)) (declare b (attrib close))) (list)))",
        ),
        ("local a <close>, b <close>", "no chunk"),
        ("local a <final>", "no chunk"),
        ("function f() return ... end", "no chunk"),
        ("f() = 1", "no chunk"),
        ("(a) = 1", "no chunk"),
        ("return return", "no chunk"),
    ] {
        assert_eq!(text(source), expected, "{source}");
        assert!(
            compare(source.as_bytes(), &mut Seen::default()).is_ok(),
            "{source}"
        );
    }
}

fn show(node: &Node) -> String {
    let children: String = node
        .children
        .iter()
        .map(|child| format!(" {}", show(child)))
        .collect();
    format!("({}{children})", node.head)
}

/// Whether both parsers accept a source; an error, if they differ on that or on the tree.
fn compare(source: &[u8], seen: &mut Seen) -> Result<bool, String> {
    let by_grammar = cu_grammar::parse(source, seen);
    let by_hand = match cu_parser::parse(source, b"=x", &mut Meter::new(usize::MAX)) {
        Ok(tree) => Ok(tree::nodes(&tree)),
        Err(ParseError::Syntax(error)) => Err(String::from_utf8_lossy(&error.message).into_owned()),
        Err(ParseError::OutOfMemory) => Err("not enough memory".to_owned()),
    };
    match (by_grammar, by_hand) {
        (None, Err(_)) => Ok(false),
        (Some(expected), Ok(found)) => match difference(&expected, &found) {
            None => Ok(true),
            Some(what) => Err(what),
        },
        (Some(_), Err(message)) => Err(format!("the grammar accepts it, but: {message}")),
        (None, Ok(_)) => Err("only the hand-written parser accepts it".to_owned()),
    }
}

/// The first nodes that differ.
fn difference(expected: &Node, found: &Node) -> Option<String> {
    let mut pending = vec![(expected, found)];
    while let Some((expected, found)) = pending.pop() {
        if expected.head != found.head || expected.children.len() != found.children.len() {
            return Some(format!("by the grammar: {expected:?}\nby hand: {found:?}"));
        }
        pending.extend(expected.children.iter().zip(&found.children));
    }
    None
}

/// Loses, doubles, exchanges or puts in a token.
fn damage(tokens: &mut Vec<String>, (at, kind, other): (u16, u8, u16)) {
    let spare = SPARE[usize::from(other) % SPARE.len()].to_owned();
    if tokens.is_empty() {
        tokens.push(spare);
        return;
    }
    let (at, other) = (
        usize::from(at) % tokens.len(),
        usize::from(other) % tokens.len(),
    );
    match kind {
        0 => {
            tokens.remove(at);
        }
        1 => tokens.insert(at, tokens[at].clone()),
        2 => tokens.swap(at, other),
        3 => tokens.insert(at, spare),
        _ => tokens[at] = spare,
    }
}
