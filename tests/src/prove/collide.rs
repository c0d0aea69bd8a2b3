//! Strings chosen so that they have one hash under seed 0, beside random ones, under the seed of the test hosts: making
//! and finding them may take three times as long at most.

use super::{Findings, Host, Kind, Limits};

/// How much longer the chosen ones may take.
const MOST: f64 = 3.0;
/// The least of so many runs counts, as the machine may do other things.
const ROUNDS: usize = 5;

/// Makes `N` strings of 16 bytes, puts them into a table, and finds them again. The chosen ones begin with bytes that
/// cancel the first key of seed 0 (`vm/src/heap/strings.rs` has the proof that all of them collide then). Both kinds
/// do the same arithmetic.
const PROGRAM: &str = "
    local N, pack, x, t = $N, string.pack, 1, {}
    local function key(i)
      x = x * 6364136223846793005 + 1442695040888963407
      if $CHOSEN then return pack('<I4I4I8', 0x84E23251, i, x * 0 + 0x7878787878787878) end
      return pack('<I4I4I8', x >> 32, x & 0xffffffff, x ~ i)
    end
    for i = 1, N do t[key(i)] = i end
    x = 1
    for i = 1, N do if t[key(i)] ~= i then return false end end
    return true";

/// Compares `n_strings` of both kinds.
pub fn run(host: &mut Host, n_strings: u64) -> Findings {
    let mut found = Findings::default();
    let limits = Limits {
        fresh: true,
        ..Limits::default()
    };
    let program = PROGRAM.replace("$N", &n_strings.to_string());
    let mut least = [u64::MAX; 2];
    for _ in 0..ROUNDS {
        for (least, chosen) in least.iter_mut().zip(["true", "false"]) {
            let program = program.replace("$CHOSEN", chosen);
            found.n_programs += 1;
            match host.run(&program, &limits) {
                Ok(answer) if answer.kind == Kind::Ok && answer.text == b"true" => {
                    *least = answer.micros.min(*least);
                }
                Ok(answer) => {
                    let text = String::from_utf8_lossy(&answer.text).into_owned();
                    found.fail(&text, program.as_bytes());
                }
                Err(error) => found.fail(&error, program.as_bytes()),
            }
        }
    }
    let [chosen, random] = least.map(|micros| micros as f64);
    let ratio = chosen / random.max(1.0);
    found.notes.push(format!(
        "{}: {n_strings} chosen strings take {:.1} ms, random ones {:.1} ms: {ratio:.2} times",
        host.name,
        chosen / 1000.0,
        random / 1000.0,
    ));
    if ratio > MOST {
        found.fail(&format!("{ratio:.2} times is too much"), b"");
    }
    found
}
