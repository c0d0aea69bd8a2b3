//! How much of the world a program sees: the profiles, each with its host and its libraries.
//!
//! What it is not: limits of fuel, memory and time are set on the machine, whatever the profile.

use std::fmt;
use std::str::FromStr;

use cu_vm::{Config, Host, OutOfMemory, Thrown, Vm};

use crate::host::{ClosedHost, NativeHost, random_word};

/// How much of the world a program sees (`docs/reliability.md`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Files, processes, environment and clocks of the system, all libraries, binary chunks.
    #[default]
    Full,
    /// The standard streams, the clock, and files in memory; of `debug` what shows the program to itself; no binary
    /// chunks.
    Sandbox,
    /// The same without clock and chance: one program with one input gives one output, every time.
    Deterministic,
}

/// What the profiles but [`Profile::Full`] leave of `debug`: full names, as `debug.traceback`.
pub use cu_stdlib::debug::HARMLESS as DEBUG_FUNCTIONS;

/// The seed of the deterministic profile: any number, as long as it is always the same.
const SEED: u64 = 0x6375_2D70_726F_6669;

impl Profile {
    /// All of them.
    pub const ALL: [Profile; 3] = [Profile::Full, Profile::Sandbox, Profile::Deterministic];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Full => "full",
            Profile::Sandbox => "sandbox",
            Profile::Deterministic => "deterministic",
        }
    }

    /// A state with its host and its libraries. The seed is the profile's, whatever `config` says.
    pub fn new_vm(self, config: Config) -> Result<Vm, OutOfMemory> {
        let host: Box<dyn Host> = match self {
            Profile::Full => Box::new(NativeHost::new()),
            Profile::Sandbox => Box::new(ClosedHost::new()),
            Profile::Deterministic => Box::new(ClosedHost::deterministic()),
        };
        let seed = self.seed();
        let mut vm = Vm::new(host, Config { seed, ..config })?;
        match self.open(&mut vm) {
            Ok(()) => Ok(vm),
            // Opening libraries raises nothing else.
            Err(_) => Err(OutOfMemory),
        }
    }

    /// What strings are hashed with.
    pub fn seed(self) -> u64 {
        match self {
            Profile::Full | Profile::Sandbox => random_word(),
            Profile::Deterministic => SEED,
        }
    }

    /// Opens the libraries of the profile in a state whose host somebody else has chosen.
    pub fn open(self, vm: &mut Vm) -> Result<(), Thrown> {
        crate::open(vm)?;
        if self == Profile::Full {
            return Ok(());
        }
        *vm.binary_chunks_on() = false;
        cu_stdlib::debug::trim(vm)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no profile of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchProfile;

impl FromStr for Profile {
    type Err = NoSuchProfile;

    fn from_str(name: &str) -> Result<Profile, NoSuchProfile> {
        let mut all = Profile::ALL.into_iter();
        all.find(|profile| profile.name() == name)
            .ok_or(NoSuchProfile)
    }
}
