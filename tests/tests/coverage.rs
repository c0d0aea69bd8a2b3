//! Coverage by declaration: each library function, metamethod, keyword and operator is named somewhere in the suite.
//!
//! This proves that nobody forgot one, not that every case of it is covered.

use cu_tests::suite;

const FUNCTIONS: &[(&str, &str)] = &[
    (
        "",
        "assert collectgarbage dofile error getmetatable ipairs load loadfile next pairs pcall print rawequal rawget \
         rawlen rawset require select setmetatable tonumber tostring type warn xpcall",
    ),
    (
        "coroutine",
        "close create isyieldable resume running status wrap yield",
    ),
    (
        "string",
        "byte char dump find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper",
    ),
    (
        "io",
        "close flush input lines open output popen read stderr stdin stdout tmpfile type write",
    ),
    (
        "os",
        "clock date difftime execute exit getenv remove rename setlocale time tmpname",
    ),
    (
        "package",
        "config cpath loaded loadlib path preload searchers searchpath",
    ),
    ("table", "concat insert move pack remove sort unpack"),
    (
        "math",
        "abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad random \
         randomseed sin sqrt tan tointeger type ult",
    ),
    ("big", "add compare div idiv mod new pow unm"),
    ("utf8", "char charpattern codepoint codes len offset"),
];

const EVENTS: &str = "add sub mul div mod pow unm idiv band bor bxor bnot shl shr concat len eq lt le index newindex \
                      call close gc mode name tostring pairs metatable";

const KEYWORDS: &str = "and break do else elseif end false for function goto if in local nil not or repeat return \
                        then true until while";

const OPERATORS: &str =
    "+ - * / % ^ # & ~ | << >> // == ~= <= >= < > = ( ) { } [ ] :: ; : , . .. ...";

#[test]
fn the_suite_names_everything() {
    let files = suite::collect(&suite::folder()).unwrap_or_else(|e| panic!("the suite: {e}"));
    let text: String = files.iter().map(|file| file.source.as_str()).collect();
    let mut missing = Vec::new();
    for (library, names) in FUNCTIONS {
        for name in names.split_whitespace() {
            let ways = match *library {
                "" => [format!("{name}("), format!("({name}, ")],
                // Methods of strings count as their functions.
                library => [format!("{library}.{name}"), format!("):{name}(")],
            };
            if !ways.iter().any(|way| text.contains(way)) {
                missing.push(format!("{library}.{name}"));
            }
        }
    }
    for event in EVENTS.split_whitespace() {
        // Events of operators may be built from a list of their names.
        if !text.contains(&format!("__{event}")) && !text.contains(&format!("\"{event}\"")) {
            missing.push(format!("__{event}"));
        }
    }
    for word in KEYWORDS
        .split_whitespace()
        .chain(OPERATORS.split_whitespace())
    {
        if !text.contains(word) {
            missing.push(word.into());
        }
    }
    assert!(missing.is_empty(), "the suite never uses {missing:?}");
}
