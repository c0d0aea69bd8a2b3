//! Campaigns: many programs through hosts that could be broken by them, and what must never happen.
//!
//! What it is not: it knows no machine. A [`Host`] is a process that runs programs (`tests/hosts`), and a campaign says
//! which programs it gets and what it may answer. `cargo xtask prove` starts them; `docs/reliability.md` has their
//! figures. Everything comes from seeds, so that each campaign can be repeated.

pub mod host;

pub mod collide;
pub mod depth;
pub mod fuel;
pub mod hostile;
pub mod stop;

pub use host::{Answer, Host, Kind, Limits};

/// What a campaign found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// How many programs were run.
    pub n_programs: u64,
    /// What should not have happened: a sentence and the program, at most [`MOST`] of them.
    pub failures: Vec<String>,
    /// Figures worth printing.
    pub notes: Vec<String>,
}

/// Failures after which a campaign stops.
pub const MOST: usize = 20;

impl Findings {
    /// Whether something was run and nothing failed.
    pub fn is_ok(&self) -> bool {
        self.n_programs > 0 && self.failures.is_empty()
    }

    /// Notes a failure; the program is shown as far as it helps.
    pub fn fail(&mut self, what: &str, program: &[u8]) {
        let shown = String::from_utf8_lossy(program.get(..600).unwrap_or(program)).into_owned();
        self.failures.push(format!("{what}\n    {shown}"));
    }

    /// Whether it is time to give up.
    pub fn is_enough(&self) -> bool {
        self.failures.len() >= MOST
    }
}

/// The state must answer what any state answers; tells whether it does.
///
/// A finalizer that never ends, left behind by the program before, may use up the fuel of this one, so it is asked
/// more than once.
pub(crate) fn is_usable(host: &mut Host) -> bool {
    const TIMES: usize = 10;
    let limits = Limits {
        fuel: Some(1_000_000),
        ..Limits::default()
    };
    for _ in 0..TIMES {
        match host.run("return 1", &limits) {
            Ok(answer) if answer.text == b"1" => return answer.kind == Kind::Ok,
            Ok(answer) if answer.text.ends_with(b"out of fuel") => {}
            Ok(_) | Err(_) => return false,
        }
    }
    false
}
