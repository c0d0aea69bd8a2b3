//! The text of every error, and errors where memory runs out.

use super::message;
use crate::{Meter, ParseError, error_after, error_near, parse};

#[test]
fn every_error_has_its_text() {
    let cases: &[(&[u8], &str)] = &[
        // Statements.
        (b"x", "x:1: syntax error near <eof>"),
        (b"x y", "x:1: syntax error near 'y'"),
        (b"x @", "x:1: syntax error near '@'"),
        (b"(x)", "x:1: syntax error near <eof>"),
        (b"(x) = 1", "x:1: syntax error near '='"),
        (b"f() = 1", "x:1: syntax error near '='"),
        (b"f()\n\n = 1", "x:3: syntax error near '='"),
        (b"a:m() = 1", "x:1: syntax error near '='"),
        (b"a, f() = 1", "x:1: syntax error near '='"),
        (b"f(), a = 1", "x:1: syntax error near ','"),
        (b"a, b", "x:1: '=' expected near <eof>"),
        (b"x.y.z", "x:1: syntax error near <eof>"),
        (b"x = 1 = 2", "x:1: unexpected symbol near '='"),
        (b"1", "x:1: unexpected symbol near '1'"),
        (b"'a'.x = 1", "x:1: unexpected symbol near ''a''"),
        (b"{\n", "x:1: unexpected symbol near '{'"),
        (b"@", "x:1: unexpected symbol near '@'"),
        (b"x = \xff", "x:1: unexpected symbol near '<\\255>'"),
        (b"x = \0", "x:1: unexpected symbol"),
        (b"break x", "x:1: syntax error near <eof>"),
        (b"goto 1", "x:1: <name> expected near '1'"),
        (b"goto = 1", "x:1: <name> expected near '='"),
        (b"::a", "x:1: '::' expected near <eof>"),
        (b":: ::", "x:1: <name> expected near '::'"),
        (b"::a:: ::a", "x:1: '::' expected near <eof>"),
        (b"return return", "x:1: unexpected symbol near 'return'"),
        (b"return 1,", "x:1: unexpected symbol near <eof>"),
        (b"return 1 x", "x:1: <eof> expected near 'x'"),
        (b"return; x", "x:1: <eof> expected near 'x'"),
        (b"return;;", "x:1: <eof> expected near ';'"),
        (b"end", "x:1: <eof> expected near 'end'"),
        (b"until", "x:1: <eof> expected near 'until'"),
        (b"repeat until x end", "x:1: <eof> expected near 'end'"),
        (b"\r\n\n\r\r\n@", "x:4: unexpected symbol near '@'"),
        // Blocks and what closes them.
        (b"do local x = 1", "x:1: 'end' expected near <eof>"),
        (
            b"do\n\n\nlocal x",
            "x:4: 'end' expected (to close 'do' at line 1) near <eof>",
        ),
        (b"do until", "x:1: 'end' expected near 'until'"),
        (
            b"if x then\n\n",
            "x:3: 'end' expected (to close 'if' at line 1) near <eof>",
        ),
        (
            b"if x then else elseif",
            "x:1: 'end' expected near 'elseif'",
        ),
        (b"if x then elseif", "x:1: unexpected symbol near <eof>"),
        (b"if x\n", "x:2: 'then' expected near <eof>"),
        (
            b"while 1 do\n\n",
            "x:3: 'end' expected (to close 'while' at line 1) near <eof>",
        ),
        (b"while 1 then", "x:1: 'do' expected near 'then'"),
        (
            b"repeat\n\nf()",
            "x:3: 'until' expected (to close 'repeat' at line 1) near <eof>",
        ),
        (b"repeat", "x:1: 'until' expected near <eof>"),
        (b"for", "x:1: <name> expected near <eof>"),
        (b"for a", "x:1: '=' or 'in' expected near <eof>"),
        (b"for a.b", "x:1: '=' or 'in' expected near '.'"),
        (b"for a,b do", "x:1: 'in' expected near 'do'"),
        (b"for a, 1", "x:1: <name> expected near '1'"),
        (b"for i=1 do end", "x:1: ',' expected near 'do'"),
        (b"for a=1,2,3,4 do", "x:1: 'do' expected near ','"),
        (b"for a=1,2\n x", "x:2: 'do' expected near 'x'"),
        (
            b"for a in b\n do\n",
            "x:3: 'end' expected (to close 'for' at line 1) near <eof>",
        ),
        // Functions.
        (b"function 1", "x:1: <name> expected near '1'"),
        (b"function f", "x:1: '(' expected near <eof>"),
        (b"function a.1", "x:1: '(' expected near '.1'"),
        (b"function a.'b'", "x:1: <name> expected near ''b''"),
        (b"function a:b.c", "x:1: '(' expected near '.'"),
        (
            b"function f()\n\n",
            "x:3: 'end' expected (to close 'function' at line 1) near <eof>",
        ),
        (
            b"x = function\n\n()\n\n\n",
            "x:6: 'end' expected (to close 'function' at line 3) near <eof>",
        ),
        (
            b"local function f\n()\n\n\n",
            "x:5: 'end' expected (to close 'function' at line 2) near <eof>",
        ),
        (b"local function 1", "x:1: <name> expected near '1'"),
        (
            b"local function f( return 1",
            "x:1: <name> or '...' expected near 'return'",
        ),
        (b"local function f(a,b", "x:1: ')' expected near <eof>"),
        (
            b"local function f(a,",
            "x:1: <name> or '...' expected near <eof>",
        ),
        (b"local function f(a,...,b)", "x:1: ')' expected near ','"),
        (b"x = function(", "x:1: <name> or '...' expected near <eof>"),
        (
            b"local function f() return ... end",
            "x:1: cannot use '...' outside a vararg function near '...'",
        ),
        (
            b"function f(...) return function() return ... end end",
            "x:1: cannot use '...' outside a vararg function near '...'",
        ),
        // Local variables.
        (b"local 1", "x:1: <name> expected near '1'"),
        (b"local x, = 1", "x:1: <name> expected near '='"),
        (b"local x <", "x:1: <name> expected near <eof>"),
        (b"local x <const", "x:1: '>' expected near <eof>"),
        (b"local x <foo> = 1", "x:1: unknown attribute 'foo'"),
        (b"local x <foo> \n\n = 1", "x:3: unknown attribute 'foo'"),
        (
            b"local x <close>, y <close> = 1",
            "x:1: multiple to-be-closed variables in local list",
        ),
        // Expressions.
        (b"x =", "x:1: unexpected symbol near <eof>"),
        (b"x = }", "x:1: unexpected symbol near '}'"),
        (b"x = = [==[\nab]==]", "x:1: unexpected symbol near '='"),
        (b"x = a.. ", "x:1: unexpected symbol near <eof>"),
        (b"x = not", "x:1: unexpected symbol near <eof>"),
        (b"x = - #", "x:1: unexpected symbol near <eof>"),
        (
            b"x = (\n1\n",
            "x:3: ')' expected (to close '(' at line 1) near <eof>",
        ),
        (b"x = (1", "x:1: ')' expected near <eof>"),
        (b"x = [a", "x:1: unexpected symbol near '['"),
        (
            b"x = \"a\" \"b\\065\\0c\" = 3",
            "x:1: unexpected symbol near '\"bA'",
        ),
        (b"x[1", "x:1: ']' expected near <eof>"),
        (b"a.b.", "x:1: <name> expected near <eof>"),
        (b"a:1()", "x:1: <name> expected near '1'"),
        (b"x:y", "x:1: function arguments expected near <eof>"),
        (b"a.b:c = 1", "x:1: function arguments expected near '='"),
        (
            b"f(\n1\n",
            "x:3: ')' expected (to close '(' at line 1) near <eof>",
        ),
        (
            b"f\n(\n1\n",
            "x:4: ')' expected (to close '(' at line 2) near <eof>",
        ),
        (b"f(1,)", "x:1: unexpected symbol near ')'"),
        (b"f(1 2)", "x:1: ')' expected near '2'"),
        (
            b"x = {\n1\n",
            "x:3: '}' expected (to close '{' at line 1) near <eof>",
        ),
        (b"x = {a=}", "x:1: unexpected symbol near '}'"),
        (b"x = {[a]}", "x:1: '=' expected near '}'"),
        (b"x = {[a=1}", "x:1: ']' expected near '='"),
        (b"x = {1 2}", "x:1: '}' expected near '2'"),
        (b"x = {,}", "x:1: unexpected symbol near ','"),
        (b"x = {a 'b", "x:1: unfinished string near <eof>"),
        // Tokens.
        (b"return \"abc", "x:1: unfinished string near <eof>"),
        (
            b"return [[abc",
            "x:1: unfinished long string (starting at line 1) near <eof>",
        ),
        (
            b"return \"\\q\"",
            "x:1: invalid escape sequence near '\"\\q'",
        ),
        (
            b"return \"\\400\"",
            "x:1: decimal escape too large near '\"\\400\"'",
        ),
        (
            b"return \"\\u{110000000}\"",
            "x:1: UTF-8 value too large near '\"\\u{110000000'",
        ),
        (
            b"return \"\\xZZ\"",
            "x:1: hexadecimal digit expected near '\"\\xZ'",
        ),
        (b"return 0x", "x:1: malformed number near '0x'"),
        (b"return 1e", "x:1: malformed number near '1e'"),
        (b"#!lua\nreturn 1", "x:1: unexpected symbol near '#'"),
    ];
    for &(source, expected) in cases {
        assert_eq!(message(source), expected, "{}", source.escape_ascii());
    }
}

#[test]
fn a_message_begins_with_the_chunk() {
    let message = |name: &[u8]| match parse(b"\nx", name, &mut Meter::new(usize::MAX)) {
        Err(ParseError::Syntax(error)) => (error.line, String::from_utf8(error.message).unwrap()),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        message(b"@a.lua"),
        (2, "a.lua:2: syntax error near <eof>".to_owned())
    );
    assert_eq!(
        message(b"\nx"),
        (2, "[string \"...\"]:2: syntax error near <eof>".to_owned())
    );
}

#[test]
fn the_compiler_words_its_errors_like_the_parser() {
    let mut meter = Meter::new(usize::MAX);
    let source = b"local a\n= 1 -- c\n goto";
    let near = error_near(source, b"=x", 7, 1, b"too many local variables", &mut meter);
    let ParseError::Syntax(near) = near else {
        panic!()
    };
    assert_eq!(
        (near.line, near.message.as_slice()),
        (2, b"x:2: too many local variables near '='".as_slice())
    );
    let after = error_after(source, b"=x", 11, 2, b"no", &mut meter);
    let ParseError::Syntax(after) = after else {
        panic!()
    };
    assert_eq!(
        (after.line, after.message.as_slice()),
        (3, b"x:3: no".as_slice())
    );
    let end = error_near(source, b"=x", 99, 3, b"no", &mut meter);
    let ParseError::Syntax(end) = end else {
        panic!()
    };
    assert_eq!(end.message, b"x:3: no near <eof>");
}

#[test]
fn every_amount_of_memory_gives_a_tree_or_an_error() {
    let source = b"local a, b = {x = 1, [2] = f(a.b, 'c')}, function(...) return -a + b .. c end \
        for i = 1, 2 do if i then goto l elseif b then a, b = 1, 2 end ::l:: end return a @";
    let mut limit = 0;
    loop {
        match parse(source, b"=x", &mut Meter::new(limit)) {
            Err(ParseError::OutOfMemory) => limit += 1,
            Err(ParseError::Syntax(error)) => {
                assert_eq!(error.message, b"x:1: <eof> expected near '@'");
                break;
            }
            Ok(_) => panic!("the source is wrong"),
        }
    }
    assert!(limit > 500);
}
