//! Library functions that are stored as a number: their order is fixed for ever.
//!
//! What it is not: the list of the functions that there are. Some of these names have no function in Lua 5.4, or are
//! no functions at all; they keep their places, and a number that names one of them reads as nil.

/// The names, in the order of their numbers.
pub const NAMES: [&str; 66] = [
    "print",
    "type",
    "tonumber",
    "tostring",
    "pairs",
    "ipairs",
    "next",
    "pcall",
    "xpcall",
    "error",
    "assert",
    "select",
    "rawget",
    "rawset",
    "rawequal",
    "getmetatable",
    "setmetatable",
    "math.abs",
    "math.acos",
    "math.asin",
    "math.atan",
    "math.atan2",
    "math.ceil",
    "math.cos",
    "math.cosh",
    "math.deg",
    "math.exp",
    "math.floor",
    "math.fmod",
    "math.frexp",
    "math.huge",
    "math.ldexp",
    "math.log",
    "math.log10",
    "math.max",
    "math.min",
    "math.modf",
    "math.pi",
    "math.pow",
    "math.rad",
    "math.random",
    "math.randomseed",
    "math.sin",
    "math.sinh",
    "math.sqrt",
    "math.tan",
    "math.tanh",
    "string.byte",
    "string.char",
    "string.dump",
    "string.find",
    "string.format",
    "string.gmatch",
    "string.gsub",
    "string.len",
    "string.lower",
    "string.match",
    "string.rep",
    "string.reverse",
    "string.sub",
    "string.upper",
    "table.concat",
    "table.insert",
    "table.maxn",
    "table.remove",
    "table.sort",
];

/// The number that says a function was of the library, and no more than that.
pub const UNKNOWN: u16 = 0xffff;

/// The number of a function.
pub fn index_of(name: &str) -> Option<u16> {
    let index = NAMES.iter().position(|&known| known == name)?;
    u16::try_from(index).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landmarks_are_in_their_places() {
        for (index, name) in [
            (0, "print"),
            (16, "setmetatable"),
            (17, "math.abs"),
            (46, "math.tanh"),
            (47, "string.byte"),
            (60, "string.upper"),
            (61, "table.concat"),
            (65, "table.sort"),
        ] {
            assert_eq!(NAMES[index], name);
            assert_eq!(index_of(name), Some(index as u16));
        }
        assert_eq!(index_of("string.pack"), None);
    }
}
