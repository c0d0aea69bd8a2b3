//! The grammar of Lua as the manual writes it, and the parser that lalrpop makes of it.
//!
//! `lua.lalrpop` is an executable specification. Its parser is slow and has no messages; it is there so that the
//! hand-written one can be compared with it. Both read the same tokens, those of `cu-lexer`.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;

use cu_lexer::{Lexer, Meter, Number, TokenKind};

#[allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    unused,
    missing_docs,
    rust_2018_idioms,
    reason = "made by lalrpop"
)]
mod lua {
    include!(concat!(env!("OUT_DIR"), "/lua.rs"));
}

/// A node of the tree: its production, perhaps with a name behind it, and the nodes below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The production, and the name.
    pub head: String,
    /// The nodes below.
    pub children: Vec<Node>,
}

impl Node {
    /// A node.
    pub fn new(head: impl Into<String>, children: Vec<Node>) -> Node {
        Node {
            head: head.into(),
            children,
        }
    }
}

/// All productions, alternatives by name.
pub const PRODUCTIONS: &[&str] = &[
    "block",
    "empty",
    "assign",
    "call-stat",
    "label",
    "break",
    "goto",
    "do",
    "while",
    "repeat",
    "if",
    "arm",
    "elseif",
    "else",
    "numeric-for",
    "generic-for",
    "function",
    "local-function",
    "local",
    "declare",
    "attrib",
    "return",
    "funcname-method",
    "funcname-field",
    "name",
    "index",
    "field",
    "nil",
    "false",
    "true",
    "numeral",
    "string",
    "vararg",
    "paren",
    "call",
    "method",
    "args-table",
    "args-string",
    "body",
    "parameters",
    "parameters-dots",
    "only-dots",
    "table",
    "last-separator",
    "item-key",
    "item-name",
    "item",
    "separator-comma",
    "separator-semicolon",
    "or",
    "and",
    "<",
    ">",
    "<=",
    ">=",
    "~=",
    "==",
    "|",
    "~",
    "&",
    "<<",
    ">>",
    "..",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "^",
    "unary -",
    "unary not",
    "unary #",
    "unary ~",
];

/// How often each production and each token was seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Productions by name; only those of [`PRODUCTIONS`].
    pub productions: BTreeMap<&'static str, u64>,
    /// Tokens by their text.
    pub tokens: BTreeMap<&'static str, u64>,
}

impl Seen {
    fn note(&mut self, production: &'static str) {
        *self.productions.entry(production).or_default() += 1;
    }

    fn node(&mut self, production: &'static str, children: Vec<Node>) -> Node {
        self.note(production);
        Node::new(production, children)
    }

    fn named(&mut self, production: &'static str, name: String, children: Vec<Node>) -> Node {
        self.note(production);
        Node::new(format!("{production} {name}"), children)
    }

    fn list(&mut self, nodes: Vec<Node>) -> Node {
        Node::new("list", nodes)
    }

    fn declared(&mut self, names: Vec<String>) -> Node {
        let names = names.into_iter();
        let nodes = names.map(|name| self.named("declare", name, vec![]));
        Node::new("list", nodes.collect())
    }

    /// `function name body`: a method has the parameter `self`.
    fn function(&mut self, (target, is_method): (Node, bool), mut body: Node) -> Node {
        if is_method && let Some(params) = body.children.first_mut() {
            params.children.insert(0, Node::new("self", vec![]));
        }
        self.node("function", vec![target, body])
    }
}

/// A token with its value.
#[derive(Clone, Debug)]
pub enum Tok {
    /// One that is always spelled the same.
    Fixed(TokenKind),
    /// A name.
    Name(String),
    /// A numeral, as its type and value.
    Numeral(String),
    /// A string, escaped.
    String(String),
}

/// Parses a source; none, if it is no chunk.
pub fn parse(source: &[u8], seen: &mut Seen) -> Option<Node> {
    let tokens = tokens(source)?;
    for (_, token, _) in &tokens {
        let kind = match token {
            Tok::Fixed(kind) => *kind,
            Tok::Name(_) => TokenKind::Name,
            Tok::Numeral(_) => TokenKind::Number,
            Tok::String(_) => TokenKind::String,
        };
        *seen.tokens.entry(kind.text()).or_default() += 1;
    }
    let tree = lua::ChunkParser::new().parse(seen, tokens).ok()?;
    is_sound(&tree, true).then_some(tree)
}

type Place = (usize, Tok, usize);

fn tokens(source: &[u8]) -> Option<Vec<Place>> {
    let mut lexer = Lexer::new(source);
    let mut meter = Meter::new(usize::MAX);
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next(&mut meter).ok()?;
        let tok = match token.kind {
            TokenKind::Eos => return Some(tokens),
            TokenKind::Stray => return None,
            TokenKind::Name => Tok::Name(lexer.slice(&token).escape_ascii().to_string()),
            TokenKind::Number => Tok::Numeral(numeral(lexer.number())),
            TokenKind::String => Tok::String(lexer.string().escape_ascii().to_string()),
            kind => Tok::Fixed(kind),
        };
        tokens.push((token.start as usize, tok, token.end as usize));
    }
}

/// A numeral as nodes show it.
pub fn numeral(number: Number) -> String {
    match number {
        Number::Integer(value) => format!("integer {value}"),
        Number::Float(value) => format!("float {:016x}", value.to_bits()),
    }
}

/// Whether a tree keeps the rules that the manual states in words: attributes are `const` or `close`, the latter once
/// in a statement (section 3.3.7); `...` stands directly in a vararg function (section 3.4.11).
fn is_sound(node: &Node, is_vararg: bool) -> bool {
    let mut is_vararg = is_vararg;
    match node.head.as_str() {
        "vararg" if !is_vararg => return false,
        "body" => {
            let last = node
                .children
                .first()
                .and_then(|params| params.children.last());
            is_vararg = last.is_some_and(|last| last.head == "...");
        }
        "local" => {
            let names = node.children.first().map(|names| names.children.as_slice());
            let attribs = names
                .unwrap_or_default()
                .iter()
                .flat_map(|name| &name.children);
            if attribs
                .filter(|attrib| attrib.head == "attrib close")
                .count()
                > 1
            {
                return false;
            }
        }
        "attrib const" | "attrib close" => {}
        head if head.starts_with("attrib ") => return false,
        _ => {}
    }
    node.children.iter().all(|child| is_sound(child, is_vararg))
}
