//! What nests is bounded; what is a chain is not.

use super::{message, tree};
use crate::{MAX_LEVELS, dump};

type Nest = fn(usize) -> String;

/// Shapes whose every link is a level.
const NESTS: &[(&str, Nest)] = &[
    ("parentheses", |n| {
        format!("return {}1{}", "(".repeat(n), ")".repeat(n))
    }),
    ("parentheses in a statement", |n| {
        format!("{}f{}()", "(".repeat(n), ")".repeat(n))
    }),
    ("tables", |n| {
        format!("return {}{}", "{".repeat(n), "}".repeat(n))
    }),
    ("named fields", |n| {
        format!("return {}1{}", "{a=".repeat(n), "}".repeat(n))
    }),
    ("keyed fields", |n| {
        format!("return {}1{}", "{[".repeat(n), "]=1}".repeat(n))
    }),
    ("calls", |n| format!("f{}{}", "(f".repeat(n), ")".repeat(n))),
    ("table calls", |n| {
        format!("f{}{}", "{f".repeat(n), "}".repeat(n))
    }),
    ("indices", |n| {
        format!("return f{}{}", "[f".repeat(n), "]".repeat(n))
    }),
    ("minus", |n| format!("return {}1", "- ".repeat(n))),
    ("not", |n| format!("return {}1", "not ".repeat(n))),
    ("concatenation", |n| format!("return {}1", "1 ..".repeat(n))),
    ("power", |n| format!("return {}1", "1 ^".repeat(n))),
    ("mixed precedences", |n| {
        format!("return {}1", "1 + 1 .. ".repeat(n))
    }),
    ("functions", |n| {
        format!("{}{}", "function f() ".repeat(n), "end ".repeat(n))
    }),
    ("local functions", |n| {
        format!("{}{}", "local function f() ".repeat(n), "end ".repeat(n))
    }),
    ("do", |n| format!("{}{}", "do ".repeat(n), "end ".repeat(n))),
    ("if", |n| {
        format!("{}{}", "if a then ".repeat(n), "end ".repeat(n))
    }),
    ("else", |n| {
        format!("{}{}", "if a then else ".repeat(n), "end ".repeat(n))
    }),
    ("while", |n| {
        format!("{}{}", "while a do ".repeat(n), "end ".repeat(n))
    }),
    ("repeat", |n| {
        format!("{}{}", "repeat ".repeat(n), "until a ".repeat(n))
    }),
    ("numeric for", |n| {
        format!("{}{}", "for i=1,2 do ".repeat(n), "end ".repeat(n))
    }),
    ("generic for", |n| {
        format!("{}{}", "for i in a do ".repeat(n), "end ".repeat(n))
    }),
    ("assignment", |n| format!("{}a = 1", "a,".repeat(n))),
];

#[test]
fn a_hundred_levels_are_fine_and_five_hundred_are_not() {
    for (name, nest) in NESTS {
        assert_eq!(message(nest(100).as_bytes()), "ok", "{name}");
        for n in [500, 100_000] {
            assert_eq!(
                message(nest(n).as_bytes()),
                "C stack overflow",
                "{name} of {n}"
            );
        }
        // Without an end, too.
        let half: String = nest(200_000).chars().take(200_000).collect();
        assert_eq!(message(half.as_bytes()), "C stack overflow", "half {name}");
    }
}

#[test]
fn function_expressions_nest_too() {
    let nest = |n| {
        format!(
            "return {}1 {}",
            "function() return ".repeat(n),
            "end ".repeat(n)
        )
    };
    assert_eq!(message(nest(90).as_bytes()), "ok");
    assert_eq!(message(nest(100_000).as_bytes()), "C stack overflow");
}

#[test]
fn the_limit_is_that_of_puc() {
    let deepest = MAX_LEVELS as usize;
    let blocks = |n| format!("{}{}", "do ".repeat(n), "end ".repeat(n));
    assert_eq!(message(blocks(deepest).as_bytes()), "ok");
    assert_eq!(message(blocks(deepest + 1).as_bytes()), "C stack overflow");
    // The statement, the expression, and each parenthesis.
    let parens = |n| format!("return {}1{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(message(parens(deepest - 2).as_bytes()), "ok");
    assert_eq!(message(parens(deepest - 1).as_bytes()), "C stack overflow");
    // Levels are given back.
    assert_eq!(message(blocks(deepest).repeat(3).as_bytes()), "ok");
    assert_eq!(
        message("a, b, c = (1), {}, -1 ".repeat(1000).as_bytes()),
        "ok"
    );
    assert_eq!(
        message("; ::a:: local function f() end ".repeat(1000).as_bytes()),
        "ok"
    );
}

#[test]
fn chains_may_have_any_length() {
    const N: usize = 100_000;
    for (name, source) in [
        ("addition", format!("return 1{}", "+1".repeat(N))),
        ("mixed", format!("return 1{}", "*1-1".repeat(N))),
        ("and", format!("return a{}", " and a or a".repeat(N))),
        ("comparison", format!("return 1{}", "<1".repeat(N))),
        ("fields", format!("return a{}", ".b".repeat(N))),
        ("indices", format!("return a{}", "[1]".repeat(N))),
        ("calls", format!("a{}", "()".repeat(N))),
        ("methods", format!("a{}", ":b()".repeat(N))),
        ("strings", format!("a{}", "''".repeat(N))),
        ("tables", format!("a{}", "{}".repeat(N))),
        ("items", format!("return {{{}}}", "1,".repeat(N))),
        ("arguments", format!("f({}1)", "1,".repeat(N))),
        ("results", format!("return {}1", "1,".repeat(N))),
        ("names", format!("local {}a", "a,".repeat(N))),
        ("parameters", format!("function f({}a) end", "a,".repeat(N))),
        (
            "elseif",
            format!("if a then {}end", "elseif a then ".repeat(N)),
        ),
        ("statements", "a=1 ".repeat(N)),
        ("semicolons", ";".repeat(N)),
        ("labels", "::a::".repeat(N)),
        (
            "function names",
            format!("function a{}() end", ".b".repeat(N)),
        ),
        ("lines", "\n".repeat(N)),
        ("comments", "--[[x]]--\n".repeat(N)),
    ] {
        assert_eq!(message(source.as_bytes()), "ok", "{name}");
    }
    // Showing a tree does not recurse along chains either.
    dump(&tree(&format!(
        "return 1{} + a{}",
        "+1".repeat(N),
        ".b".repeat(N)
    )));
}

#[test]
fn the_deepest_tree_fits_in_a_small_stack() {
    let deepest = || {
        for (name, nest) in NESTS {
            let source = nest(MAX_LEVELS as usize / 2 - 1);
            assert_eq!(message(source.as_bytes()), "ok", "{name}");
            dump(&tree(&source));
            assert_eq!(message(nest(1000).as_bytes()), "C stack overflow", "{name}");
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(deepest);
    thread.unwrap().join().unwrap();
}
