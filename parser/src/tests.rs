//! Tests of the parser as a whole. Here: lines, offsets and ids, and what holds for any input.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod errors;
mod nesting;
mod shapes;

use crate::ast::{ExprKind, StatKind, StrId, SuffixKind, Tree};
use crate::{Meter, ParseError, dump, parse};
use proptest::prelude::*;

fn tree(source: &str) -> Tree {
    match parse(source.as_bytes(), b"=x", &mut Meter::new(usize::MAX)) {
        Ok(tree) => tree,
        Err(error) => panic!("{source:.100}: {error:?}"),
    }
}

fn message(source: &[u8]) -> String {
    match parse(source, b"=x", &mut Meter::new(usize::MAX)) {
        Err(ParseError::Syntax(error)) => String::from_utf8_lossy(&error.message).into_owned(),
        Err(ParseError::OutOfMemory) => "out of memory".to_owned(),
        Ok(_) => "ok".to_owned(),
    }
}

#[test]
fn lines_and_offsets_are_those_of_the_last_token() {
    let tree = tree("local a <const>, b =\n f(\n1\n)\n:m\n[[\n]] -- c\nreturn a\n");
    let main = tree.functions.last().unwrap();
    assert_eq!((main.line, main.end_line), (0, 9));
    assert_eq!((main.body.end_line, main.body.end), (9, 52));
    let [local, ret] = tree.list(main.body.stats) else {
        panic!()
    };
    assert_eq!((local.line, local.end_line, local.end), (1, 7, 37));
    assert_eq!((ret.line, ret.end_line, ret.end), (8, 8, 51));
    let StatKind::Local { names, exprs } = &local.kind else {
        panic!()
    };
    let (names, exprs) = (tree.list(*names), tree.list(*exprs));
    // Just past the name, before its attribute: where there may be one variable too many.
    assert_eq!((names[0].end, names[0].line), (7, 1));
    let call = &tree.exprs[exprs[0].index()];
    assert_eq!((call.line, call.end), (7, 37));
    let ExprKind::Suffixed { suffixes, primary } = &call.kind else {
        panic!()
    };
    assert_eq!(tree.exprs[primary.index()].line, 2);
    let suffixes = tree.list(*suffixes);
    assert_eq!((suffixes[0].line, suffixes[0].end_line), (2, 4));
    assert!(matches!(suffixes[1].kind, SuffixKind::Method(..)));
    // A long string is on the line where it ends, also as the first token of a call.
    assert_eq!((suffixes[1].line, suffixes[1].end_line), (7, 7));
}

#[test]
fn operators_have_lines_of_their_own() {
    let tree = tree("return a\n+\nb\n-\nc\n..\nnot\nd");
    let lines: Vec<_> = tree
        .exprs
        .iter()
        .filter_map(|expr| match &expr.kind {
            ExprKind::Binary { links, .. } => {
                let links = tree.list(*links).iter();
                Some((links.map(|link| link.op_line).collect(), expr.line))
            }
            ExprKind::Unary { op_line, .. } => Some((vec![*op_line], expr.line)),
            _ => None,
        })
        .collect();
    assert_eq!(lines, [(vec![7], 8), (vec![2, 4, 6], 8)]);
}

#[test]
fn equal_strings_have_equal_ids() {
    let tree = tree("a.b = 'a' .. \"b\" .. [[a]] function a:b(self) end");
    // The first ones are in every tree.
    let n_given = self::tree("").strings.len();
    let strings: Vec<_> = (n_given as u32..tree.strings.len() as u32)
        .map(|id| {
            tree.strings
                .get(StrId::new(id).unwrap())
                .escape_ascii()
                .to_string()
        })
        .collect();
    assert_eq!(strings, ["a", "b", "self"]);
    let many: String = (0..10_000).map(|n| format!("x{n} = 'x{n}' ")).collect();
    assert_eq!(self::tree(&many).strings.len(), n_given + 10_000);
}

#[test]
fn the_main_function_comes_last_and_children_first() {
    let tree = tree("function f() local function g() end end return function() end");
    assert_eq!(tree.functions.len(), 4);
    assert!(tree.functions.last().unwrap().is_vararg);
    let inner: Vec<_> = tree
        .functions
        .iter()
        .map(|function| function.body.stats.len())
        .collect();
    assert_eq!(inner, [0, 1, 0, 2]);
}

/// Text made of the tokens of Lua.
fn token_soup() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "and",
        "break",
        "do",
        "else",
        "elseif",
        "end",
        "false",
        "for",
        "function",
        "goto",
        "if",
        "in",
        "local",
        "nil",
        "not",
        "or",
        "repeat",
        "return",
        "then",
        "true",
        "until",
        "while",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "^",
        "#",
        "&",
        "~",
        "|",
        "<<",
        ">>",
        "==",
        "~=",
        "<=",
        ">=",
        "<",
        ">",
        "=",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        ";",
        ":",
        "::",
        ",",
        ".",
        "..",
        "...",
        "a",
        "b",
        "1",
        "2.5",
        "'s'",
        "[[l]]",
        "<const>",
        "<close>",
        "@",
        "\n",
        "f()",
        "x =",
        "function f()",
        "if a then",
        "{a =",
    ]);
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.join(" "))
}

proptest! {
    #[test]
    fn any_bytes_give_a_tree_or_an_error(source in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&source, &source, &mut Meter::new(usize::MAX));
    }

    #[test]
    fn any_tokens_give_a_tree_or_an_error(source in token_soup()) {
        if let Ok(tree) = parse(source.as_bytes(), b"=x", &mut Meter::new(usize::MAX)) {
            prop_assert!(dump(&tree).is_ascii());
        }
    }

    #[test]
    fn any_memory_gives_a_tree_or_an_error(source in token_soup(), limit in 0usize..2000) {
        let _ = parse(source.as_bytes(), b"=x", &mut Meter::new(limit));
    }
}
