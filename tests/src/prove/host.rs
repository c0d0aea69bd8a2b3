//! A process that runs programs: its language is written in `tests/hosts/README.md`.
//!
//! A host that dies or does not answer is an error of the request, and the next request starts another process.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a host may take to answer, unless [`Host::patience`] says otherwise: only a hang is cut off.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With a result.
    Ok,
    /// With an error of Lua.
    Error,
    /// With a trap.
    Trap,
}

/// What a host says about a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How it ended.
    pub kind: Kind,
    /// The fuel it used, if there was a limit.
    pub fuel: Option<u64>,
    /// Bytes that Lua uses afterwards.
    pub memory: u64,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// What it printed and returned, or its error.
    pub text: Vec<u8>,
}

/// What a program is given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// It gets a state of its own.
    pub fresh: bool,
    /// Units of work.
    pub fuel: Option<u64>,
    /// Bytes; for a new state.
    pub memory: Option<u64>,
    /// Milliseconds, for hosts that can.
    pub deadline: u64,
}

/// A host, started when it is first asked.
pub struct Host {
    /// What to call it.
    pub name: String,
    /// How long it may take to answer.
    pub patience: Duration,
    command: Vec<OsString>,
    process: Option<Process>,
}

struct Process {
    child: Child,
    input: ChildStdin,
    answers: Receiver<io::Result<Answer>>,
}

impl Host {
    /// A host that this command starts.
    pub fn new(name: &str, command: Vec<OsString>) -> Host {
        Host {
            name: name.to_owned(),
            patience: PATIENCE,
            command,
            process: None,
        }
    }

    /// Runs a program. An error says how the host failed; what it was is gone then.
    pub fn run(&mut self, program: impl AsRef<[u8]>, limits: &Limits) -> Result<Answer, String> {
        let answer = self.ask(program.as_ref(), limits);
        if answer.is_err() {
            self.end();
        }
        answer
    }

    fn ask(&mut self, program: &[u8], limits: &Limits) -> Result<Answer, String> {
        let patience = self.patience;
        let process = self.process().map_err(|e| format!("not started: {e}"))?;
        let number = |n: Option<u64>| n.map_or("-1".to_owned(), |n| n.to_string());
        let mut request = format!(
            "{} {} {} {} {}\n",
            u8::from(limits.fresh),
            number(limits.fuel),
            number(limits.memory),
            limits.deadline,
            program.len()
        )
        .into_bytes();
        request.extend_from_slice(program);
        let sent = process.input.write_all(&request);
        if let Err(error) = sent.and_then(|()| process.input.flush()) {
            return Err(format!("the host is gone: {error}"));
        }
        match process.answers.recv_timeout(patience) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(match process.child.try_wait() {
                Ok(Some(status)) => format!("the host ended with {status}: {error}"),
                _ => format!("the host's answer ended: {error}"),
            }),
            Err(RecvTimeoutError::Timeout) => {
                Err(format!("no answer after {} seconds", patience.as_secs()))
            }
            Err(RecvTimeoutError::Disconnected) => Err("the host is gone".to_owned()),
        }
    }

    fn process(&mut self) -> io::Result<&mut Process> {
        if self.process.is_none() {
            self.process = Some(start(&self.command)?);
        }
        self.process
            .as_mut()
            .ok_or_else(|| io::Error::other("no process"))
    }

    /// Ends the process, if there is one.
    pub fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended already.
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.end();
    }
}

fn start(command: &[OsString]) -> io::Result<Process> {
    let [program, arguments @ ..] = command else {
        return Err(io::Error::other("no command"));
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("no pipes"));
    };
    let (send, answers) = channel();
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        loop {
            let answer = read(&mut output);
            let is_last = answer.is_err();
            if send.send(answer).is_err() || is_last {
                return;
            }
        }
    });
    Ok(Process {
        child,
        input,
        answers,
    })
}

fn read(output: &mut impl BufRead) -> io::Result<Answer> {
    let mut line = String::new();
    if output.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let wrong = || io::Error::other(format!("not an answer: {line}"));
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [kind, fuel, memory, micros, length] = fields[..] else {
        return Err(wrong());
    };
    let mut text = vec![0; length.parse().map_err(|_| wrong())?];
    output.read_exact(&mut text)?;
    Ok(Answer {
        kind: match kind {
            "ok" => Kind::Ok,
            "error" => Kind::Error,
            "trap" => Kind::Trap,
            _ => return Err(wrong()),
        },
        fuel: fuel.parse().ok(),
        memory: memory.parse().unwrap_or_default(),
        micros: micros.parse().unwrap_or_default(),
        text,
    })
}
