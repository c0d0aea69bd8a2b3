//! A small generator of random choices: the same seed gives the same choices everywhere.
//!
//! The numbers are those of splitmix64 (Steele, Lea and Flood, 2014), which is enough to choose with.

/// A sequence of choices.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// Integers at which something changes.
const CORNERS: [&str; 24] = [
    "0",
    "1",
    "-1",
    "2",
    "-2",
    "3",
    "7",
    "10",
    "31",
    "32",
    "63",
    "64",
    "-63",
    "-64",
    "255",
    "256",
    "2147483647",
    "-2147483648",
    "4294967296",
    "9007199254740992",
    "9007199254740993",
    "math.maxinteger",
    "math.mininteger",
    "(math.maxinteger - 1)",
];

/// Floats at which something changes.
const FLOATS: [&str; 22] = [
    "0.0",
    "-0.0",
    "0.5",
    "-0.5",
    "1.0",
    "1.5",
    "2.0",
    "-2.5",
    "3.0",
    "1e15",
    "1e16",
    "1e100",
    "1e-5",
    "1e308",
    "5e-324",
    "2^53",
    "2^63",
    "-(2^63)",
    "math.huge",
    "-math.huge",
    "(0/0)",
    "123.456",
];

/// Texts that a number may be read from, or not.
const NUMERALS: [&str; 16] = [
    "'10'",
    "'0x10'",
    "' 3 '",
    "'1e1'",
    "'0x1p4'",
    "'3.0'",
    "'abc'",
    "''",
    "'1 2'",
    "'0x'",
    "'-7'",
    "'inf'",
    "'nan'",
    "'1e'",
    "'9223372036854775808'",
    "'-0'",
];

impl Random {
    /// The sequence that belongs to a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x6375_2064_6966_6665)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.bits() % (high - low + 1) as u64) as i64
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of these.
    pub fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// An integer, as an expression.
    pub fn integer(&mut self) -> String {
        match self.below(4) {
            0 => self.between(-20, 20).to_string(),
            1 => self.between(-1_000_000, 1_000_000).to_string(),
            _ => self.pick(&CORNERS).to_owned(),
        }
    }

    /// A float, as an expression.
    pub fn float(&mut self) -> String {
        match self.below(4) {
            0 => format!("{}.{}", self.between(-99, 99), self.between(0, 9999)),
            1 => format!(
                "{}.{}e{}",
                self.between(-9, 9),
                self.between(0, 999),
                self.between(-320, 310)
            ),
            _ => self.pick(&FLOATS).to_owned(),
        }
    }

    /// A number, as an expression.
    pub fn number(&mut self) -> String {
        if self.one_in(2) {
            self.integer()
        } else {
            self.float()
        }
    }

    /// A text that might be a numeral, as an expression.
    pub fn numeral(&mut self) -> String {
        self.pick(&NUMERALS).to_owned()
    }

    /// A value of any type, as an expression.
    pub fn value(&mut self) -> String {
        match self.below(12) {
            0..=3 => self.integer(),
            4..=6 => self.float(),
            7 => self.numeral(),
            8 => self.text(6, "ab1 %-."),
            9 => self.pick(&["nil", "true", "false"]).to_owned(),
            10 => self.pick(&["{}", "{1, 2, 3}", "{x = 1}"]).to_owned(),
            _ => self.pick(&["print", "function() end"]).to_owned(),
        }
    }

    /// A string literal of up to `most` characters of an alphabet.
    pub fn text(&mut self, most: usize, alphabet: &str) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let mut text = String::from("\"");
        for _ in 0..self.below(most + 1) {
            match letters[self.below(letters.len())] {
                c @ ('"' | '\\') => text.extend(['\\', c]),
                '\0' => text.push_str("\\0"),
                '\n' => text.push_str("\\n"),
                c => text.push(c),
            }
        }
        text.push('"');
        text
    }
}
