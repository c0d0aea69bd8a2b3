//! The world outside, as the machine and the library see it: one trait, implemented by the embedder.

/// Where bytes are written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Everything the core may not do itself.
pub trait Host {
    /// Writes bytes; an error says why it failed.
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), String>;

    /// Reads a whole file for `loadfile` and `dofile`; no name means standard input. An error is a message
    /// such as "No such file or directory".
    fn read_file(&mut self, name: Option<&[u8]>) -> Result<Vec<u8>, String>;

    /// 128 random bits, for `math.randomseed()`.
    fn entropy(&mut self) -> [u64; 2];
}
