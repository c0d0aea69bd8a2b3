//! Programs from choices: each byte of a tape chooses among the alternatives of a production of the manual's grammar.
//!
//! A shorter tape makes a smaller program: where it ends, the first and smallest alternative is taken. What comes out
//! is valid but for the rules that the manual states in words.

/// A program as tokens.
pub fn program(tape: &[u8]) -> Vec<String> {
    let mut writer = Writer {
        tape,
        at: 0,
        depth: 0,
        tokens: Vec::new(),
    };
    writer.block();
    writer.tokens
}

/// Productions nest so deep, at most; the parser allows 200 levels, of which one of these may take several.
const MAX_DEPTH: u32 = 12;

const NAMES: [&str; 6] = ["a", "b", "c", "self", "_ENV", "x1"];
const NUMERALS: [&str; 8] = [
    "0",
    "1",
    "2.5",
    "0x10",
    "1e3",
    "0x.8p1",
    "9223372036854775808",
    "3.",
];
const STRINGS: [&str; 6] = [
    "''",
    "\"s\"",
    "'\\n\\65\\x41'",
    "[[long]]",
    "[==[ ]] ]==]",
    "'\\z  \\u{48}'",
];
const BINARY: [&str; 21] = [
    "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or", "&",
    "|", "~", "<<", ">>",
];
const UNARY: [&str; 4] = ["-", "not", "#", "~"];

struct Writer<'t> {
    tape: &'t [u8],
    at: usize,
    depth: u32,
    tokens: Vec<String>,
}

impl Writer<'_> {
    /// One of `n` alternatives; the first, where the tape ends or the program is too deep.
    fn choose(&mut self, n: usize) -> usize {
        let choice = self.tape.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        match self.depth < MAX_DEPTH {
            true => usize::from(choice) % n,
            false => 0,
        }
    }

    fn one_of(&mut self, texts: &[&str]) {
        let choice = self.choose(texts.len());
        self.word(texts[choice]);
    }

    fn word(&mut self, text: &str) {
        self.tokens.push(text.to_owned());
    }

    fn words(&mut self, text: &str) {
        text.split(' ').for_each(|word| self.word(word));
    }

    fn name(&mut self) {
        self.one_of(&NAMES);
    }

    fn nested(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        write(self);
        self.depth -= 1;
    }

    /// `item {"," item}`
    fn list(&mut self, mut item: impl FnMut(&mut Self)) {
        item(self);
        while self.choose(3) == 2 {
            self.word(",");
            item(self);
        }
    }

    fn block(&mut self) {
        self.nested(|w| {
            while w.at < w.tape.len() && w.choose(4) != 0 {
                w.stat();
            }
            if w.choose(5) == 4 {
                w.word("return");
                if w.choose(2) == 1 {
                    w.list(Self::exp);
                }
                if w.choose(2) == 1 {
                    w.word(";");
                }
            }
        });
    }

    fn stat(&mut self) {
        match self.choose(17) {
            0 => self.word(";"),
            1 | 2 => {
                self.list(Self::var);
                self.word("=");
                self.list(Self::exp);
            }
            3 | 4 => self.call(),
            5 => {
                self.word("::");
                self.name();
                self.word("::");
            }
            6 => self.word("break"),
            7 => {
                self.word("goto");
                self.name();
            }
            8 => {
                self.word("do");
                self.block();
                self.word("end");
            }
            9 => {
                self.word("while");
                self.exp();
                self.word("do");
                self.block();
                self.word("end");
            }
            10 => {
                self.word("repeat");
                self.block();
                self.word("until");
                self.exp();
            }
            11 => self.branches(),
            12 => {
                self.word("for");
                self.name();
                self.word("=");
                self.exp();
                self.word(",");
                self.exp();
                if self.choose(2) == 1 {
                    self.word(",");
                    self.exp();
                }
                self.word("do");
                self.block();
                self.word("end");
            }
            13 => {
                self.word("for");
                self.list(Self::name);
                self.word("in");
                self.list(Self::exp);
                self.word("do");
                self.block();
                self.word("end");
            }
            14 => {
                self.word("function");
                self.name();
                while self.choose(3) == 2 {
                    self.word(".");
                    self.name();
                }
                if self.choose(3) == 2 {
                    self.word(":");
                    self.name();
                }
                self.body();
            }
            15 => {
                self.words("local function");
                self.name();
                self.body();
            }
            _ => {
                self.word("local");
                self.list(|w| {
                    w.name();
                    match w.choose(8) {
                        5 => w.words("< const >"),
                        6 => w.words("< close >"),
                        7 => w.words("< other >"),
                        _ => {}
                    }
                });
                if self.choose(2) == 1 {
                    self.word("=");
                    self.list(Self::exp);
                }
            }
        }
    }

    fn branches(&mut self) {
        self.word("if");
        self.exp();
        self.word("then");
        self.block();
        while self.choose(4) == 3 {
            self.word("elseif");
            self.exp();
            self.word("then");
            self.block();
        }
        if self.choose(2) == 1 {
            self.word("else");
            self.block();
        }
        self.word("end");
    }

    fn body(&mut self) {
        self.word("(");
        match self.choose(4) {
            1 => self.list(Self::name),
            2 => {
                self.list(Self::name);
                self.words(", ...");
            }
            3 => self.word("..."),
            _ => {}
        }
        self.word(")");
        self.block();
        self.word("end");
    }

    fn var(&mut self) {
        match self.choose(4) {
            2 => {
                self.prefix();
                self.word("[");
                self.exp();
                self.word("]");
            }
            3 => {
                self.prefix();
                self.word(".");
                self.name();
            }
            _ => self.name(),
        }
    }

    fn prefix(&mut self) {
        self.nested(|w| match w.choose(5) {
            3 => w.call(),
            4 => {
                w.word("(");
                w.exp();
                w.word(")");
            }
            _ => w.var(),
        });
    }

    fn call(&mut self) {
        self.prefix();
        if self.choose(3) == 2 {
            self.word(":");
            self.name();
        }
        match self.choose(5) {
            3 => self.table(),
            4 => self.one_of(&STRINGS),
            0 => self.words("( )"),
            _ => {
                self.word("(");
                self.list(Self::exp);
                self.word(")");
            }
        }
    }

    fn exp(&mut self) {
        self.nested(|w| match w.choose(16) {
            0 => w.word("nil"),
            1 => w.one_of(&["true", "false"]),
            2 => w.one_of(&NUMERALS),
            3 => w.one_of(&STRINGS),
            4 => w.word("..."),
            5 => {
                w.word("function");
                w.body();
            }
            6 | 7 => w.prefix(),
            8 => w.table(),
            9 | 10 => {
                w.one_of(&UNARY);
                w.exp();
            }
            _ => {
                w.exp();
                w.one_of(&BINARY);
                w.exp();
            }
        });
    }

    fn table(&mut self) {
        self.word("{");
        let mut is_first = true;
        while self.choose(3) != 0 {
            if !is_first {
                self.one_of(&[",", ";"]);
            }
            is_first = false;
            match self.choose(4) {
                2 => {
                    self.word("[");
                    self.exp();
                    self.words("] =");
                    self.exp();
                }
                3 => {
                    self.name();
                    self.word("=");
                    self.exp();
                }
                _ => self.exp(),
            }
        }
        if !is_first && self.choose(3) == 2 {
            self.one_of(&[",", ";"]);
        }
        self.word("}");
    }
}
