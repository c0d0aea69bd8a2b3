//! Which tree a text becomes: precedence, and every kind of expression, field and statement.

use super::tree;
use crate::dump;

/// The dump without lines and brackets, on one line: enough to see a shape.
fn shape(source: &str) -> String {
    let dump = dump(&tree(source));
    let mut words = String::new();
    for word in dump.split_whitespace() {
        if let Some((_, brackets)) = word
            .strip_prefix('@')
            .map(|rest| rest.split_at(rest.find(')').unwrap_or(rest.len())))
        {
            words.push_str(brackets);
        } else {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
    }
    words
}

/// The shape of one expression.
fn expr_shape(source: &str) -> String {
    let shape = shape(&format!("return {source}"));
    let inner = shape
        .strip_prefix("(chunk ... (body until (return ")
        .unwrap_or("?");
    inner.strip_suffix(")) (end))").unwrap_or("?").to_owned()
}

#[test]
fn operators_bind_as_the_manual_says() {
    let (a, b, c) = ("(name a)", "(name b)", "(name c)");
    let ladder = [
        vec!["or"],
        vec!["and"],
        vec!["<", ">", "<=", ">=", "~=", "=="],
        vec!["|"],
        vec!["~"],
        vec!["&"],
        vec!["<<", ">>"],
        vec![".."],
        vec!["+", "-"],
        vec!["*", "/", "//", "%"],
        vec!["^"],
    ];
    for (height, ops) in ladder.iter().enumerate() {
        for op in ops {
            let rung = expr_shape(&format!("a {op} b {op} c"));
            if ["..", "^"].contains(op) {
                assert_eq!(rung, format!("(binary {a} ({op} (binary {b} ({op} {c}))))"));
            } else {
                assert_eq!(rung, format!("(binary {a} ({op} {b}) ({op} {c}))"));
            }
            for tight in ladder.iter().skip(height + 1).flatten() {
                assert_eq!(
                    expr_shape(&format!("a {op} b {tight} c")),
                    format!("(binary {a} ({op} (binary {b} ({tight} {c}))))"),
                );
                // What comes first and binds tighter is in the same chain, unless its operator is
                // right associative and its right operand climbs on its own.
                assert_eq!(
                    expr_shape(&format!("a {tight} b {op} c")),
                    format!("(binary {a} ({tight} {b}) ({op} {c}))"),
                );
            }
        }
    }
}

#[test]
fn unary_operators_bind_tighter_than_all_but_power() {
    for op in ["-", "not", "#", "~"] {
        assert_eq!(
            expr_shape(&format!("{op} a * b")),
            format!("(binary (unary {op} (name a)) (* (name b)))")
        );
        assert_eq!(
            expr_shape(&format!("{op} a ^ {op} b")),
            format!("(unary {op} (binary (name a) (^ (unary {op} (name b)))))")
        );
        assert_eq!(
            expr_shape(&format!("{op} {op} a")),
            format!("(unary {op} (unary {op} (name a)))")
        );
    }
    assert_eq!(expr_shape("-1"), "(unary - (integer 1))");
}

#[test]
fn every_kind_of_expression_is_read() {
    assert_eq!(
        expr_shape("nil, true, false, ..., 1, 2.5, 's', a, (a)"),
        "(nil) (true) (false) (vararg) (integer 1) (float 2.5) (string \"s\") (name a) (paren (name a))"
    );
    assert_eq!(
        expr_shape("function(a, ...) end"),
        "(function a ... (body until) (end))"
    );
    assert_eq!(
        expr_shape("a.b[c](1, 2)'s'{}:m():n[[]]:o{}"),
        "(suffixed (name a) (field b) (index (name c)) (call (integer 1) (integer 2)) \
         (call (string \"s\")) (call (table)) (method m) (method n (string \"\")) (method o (table)))"
    );
    assert_eq!(expr_shape("(a).b"), "(suffixed (paren (name a)) (field b))");
    assert_eq!(
        expr_shape("a\n(b)"),
        "to-line 2 (suffixed (name a) (call (name b)))"
    );
}

#[test]
fn every_kind_of_field_is_read() {
    assert_eq!(
        expr_shape("{1, a = 2; [3] = 4, a, f(), a == b, ...,}"),
        "(table (item (integer 1)) (item a (integer 2)) (item (key (integer 3)) (integer 4)) \
         (item (name a)) (item (suffixed (name f) (call))) (item (binary (name a) (== (name b)))) \
         (item (vararg)))"
    );
    assert_eq!(
        expr_shape("{a 'b'}"),
        "(table (item (suffixed (name a) (call (string \"b\")))))"
    );
    assert_eq!(
        expr_shape("{a; 5}"),
        "(table (item (name a)) (item (integer 5)))"
    );
}

#[test]
fn every_kind_of_statement_is_read() {
    let body = |source: &str| {
        let shape = shape(source);
        let inner = shape.strip_prefix("(chunk ... (body until ").unwrap_or("?");
        inner.strip_suffix(") (end))").unwrap_or("?").to_owned()
    };
    assert_eq!(shape(""), "(chunk ... (body until) (end))");
    assert_eq!(shape(";;;"), "(chunk ... (body until) (end))");
    assert_eq!(
        body("local a <const>, b <close>, c = 1"),
        "(local (declare a <const>) (declare b <close>) (declare c) (integer 1))"
    );
    assert_eq!(body("local a"), "(local (declare a))");
    assert_eq!(
        body("a, b.c, d[1] = 1, 2"),
        "(assign (targets (name a) (suffixed (name b) (field c)) (suffixed (name d) (index (integer 1)))) \
         (integer 1) (integer 2))"
    );
    assert_eq!(body("f()"), "(call (suffixed (name f) (call)))");
    assert_eq!(body("do break end"), "(do (body until (break)))");
    assert_eq!(body("while a do end"), "(while (name a) (body until))");
    assert_eq!(body("repeat until a"), "(repeat (body until) (name a))");
    assert_eq!(
        body("if a then elseif b then else end"),
        "(if (name a) (then until) (name b) (then until) (else until))"
    );
    assert_eq!(
        body("for i = 1, 2 do end"),
        "(numeric-for (declare i) (integer 1) (integer 2) (body until))"
    );
    assert_eq!(
        body("for i = 1, 2, 3 do end"),
        "(numeric-for (declare i) (integer 1) (integer 2) (integer 3) (body until))"
    );
    assert_eq!(
        body("for k, v in a, b do end"),
        "(generic-for (declare k) (declare v) (name a) (name b) (body until))"
    );
    assert_eq!(
        body("function a.b:c(d) end"),
        "(function (suffixed (name a) (field b) (field c)) (function self d (body until) (end)))"
    );
    assert_eq!(
        body("function a() end"),
        "(function (name a) (function (body until) (end)))"
    );
    assert_eq!(
        body("local function a(...) end"),
        "(local-function (declare a) (function ... (body until) (end)))"
    );
    assert_eq!(body("goto a ::a::"), "(goto a) (label a)");
    assert_eq!(body("return"), "(return)");
    assert_eq!(body("return;"), "(return)");
    assert_eq!(body("return a, b;"), "(return (name a) (name b))");
    assert_eq!(
        body("do return end return"),
        "(do (body until (return))) (return)"
    );
}
