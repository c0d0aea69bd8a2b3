//! The command line of `cu`, which is that of the standard `lua`.
//!
//! Parsing looks at bytes only and changes nothing. Options come first; the first argument that is
//! none is the script, and what follows belongs to it. Unlike in most commands, options cannot be
//! bundled (`-vE` is an error), so this is written by hand.

use cu::Profile;

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `-i`: go on interactively afterwards.
    pub interactive: bool,
    /// `-v`, or implied by `-i`: print the version first.
    pub version: bool,
    /// `-E`: do not look at environment variables.
    pub ignore_environment: bool,
    /// `--profile=NAME`: how much of the world the program sees.
    pub profile: Profile,
    /// `-e`, `-l` and `-W`, in order.
    pub actions: Vec<Action>,
    /// Index of the script among the arguments, the program's name being 0.
    pub script: Option<usize>,
}

/// Something to do before the script runs.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// `-e stat`
    Execute(Vec<u8>),
    /// `-l mod` or `-l g=mod`
    Require(Vec<u8>),
    /// `-W`
    WarningsOn,
}

/// The argument at this index is no option, or lacks its argument.
#[derive(Debug, PartialEq, Eq)]
pub struct BadOption(pub usize);

impl Options {
    /// Whether there is an `-e` among the actions.
    pub fn executes(&self) -> bool {
        self.actions
            .iter()
            .any(|action| matches!(action, Action::Execute(_)))
    }
}

/// Reads the arguments, the first of which is the program's name.
pub fn parse(args: &[Vec<u8>]) -> Result<Options, BadOption> {
    let mut options = Options::default();
    let mut index = 1;
    while let Some(arg) = args.get(index) {
        let Some((b'-', option)) = arg.split_first().map(|(first, rest)| (*first, rest)) else {
            options.script = Some(index);
            return Ok(options);
        };
        match option {
            // `-` alone is a script: standard input.
            [] => {
                options.script = Some(index);
                return Ok(options);
            }
            b"-" => {
                options.script = (index + 1 < args.len()).then_some(index + 1);
                return Ok(options);
            }
            b"E" => options.ignore_environment = true,
            b"i" => {
                options.interactive = true;
                options.version = true;
            }
            b"v" => options.version = true,
            // Only `-W` itself is asked for, but `lua` takes `-W` with anything behind it as an error.
            b"W" => options.actions.push(Action::WarningsOn),
            [kind @ (b'e' | b'l'), attached @ ..] => {
                let text = if attached.is_empty() {
                    // The option's own index is what an error names.
                    match args.get(index + 1) {
                        Some(next) if !next.starts_with(b"-") => {
                            index += 1;
                            next.clone()
                        }
                        _ => return Err(BadOption(index)),
                    }
                } else {
                    attached.to_vec()
                };
                options.actions.push(match kind {
                    b'e' => Action::Execute(text),
                    _ => Action::Require(text),
                });
            }
            _ => {
                let name = option.strip_prefix(b"-profile=").unwrap_or_default();
                let profile = std::str::from_utf8(name).ok().and_then(|n| n.parse().ok());
                options.profile = profile.ok_or(BadOption(index))?;
            }
        }
        index += 1;
    }
    Ok(options)
}

/// What is written to standard error for a bad option.
pub fn usage(program: &[u8], bad: &[u8]) -> Vec<u8> {
    let mut text = program.to_vec();
    text.extend_from_slice(b": ");
    match bad {
        b"-e" | b"-l" => text.extend_from_slice(&[b"'", bad, b"' needs argument\n"].concat()),
        _ => text.extend_from_slice(&[b"unrecognized option '", bad, b"'\n"].concat()),
    }
    text.extend_from_slice(&[b"usage: ", program, b" [options] [script [args]]\n"].concat());
    text.extend_from_slice(
        b"Available options are:\n\
        \x20 -e stat   execute string 'stat'\n\
        \x20 -i        enter interactive mode after executing 'script'\n\
        \x20 -l mod    require library 'mod' into global 'mod'\n\
        \x20 -l g=mod  require library 'mod' into global 'g'\n\
        \x20 -v        show version information\n\
        \x20 -E        ignore environment variables\n\
        \x20 -W        turn warnings on\n\
        \x20 --profile=NAME  full (the default), sandbox or deterministic\n\
        \x20 --        stop handling options\n\
        \x20 -         stop handling options and execute stdin\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, BadOption> {
        let args: Vec<_> = line.split(' ').map(|arg| arg.as_bytes().to_vec()).collect();
        parse(&args)
    }

    #[test]
    fn the_first_other_argument_is_the_script() {
        assert_eq!(parsed("cu a -v").unwrap().script, Some(1));
        assert_eq!(parsed("cu -v a b").unwrap().script, Some(2));
        assert_eq!(parsed("cu - a").unwrap().script, Some(1));
        assert_eq!(parsed("cu -- -v").unwrap().script, Some(2));
        assert_eq!(parsed("cu --").unwrap().script, None);
        assert_eq!(parsed("cu -v").unwrap().script, None);
    }

    #[test]
    fn arguments_may_be_attached() {
        let execute = |text: &[u8]| Action::Execute(text.to_vec());
        assert_eq!(parsed("cu -ex=1").unwrap().actions, [execute(b"x=1")]);
        assert_eq!(parsed("cu -e x=1 s").unwrap().actions, [execute(b"x=1")]);
        assert_eq!(parsed("cu -e x=1 s").unwrap().script, Some(3));
        let all = parsed("cu -lm -W -l g=m").unwrap().actions;
        let require = |text: &[u8]| Action::Require(text.to_vec());
        assert_eq!(all, [require(b"m"), Action::WarningsOn, require(b"g=m")]);
    }

    #[test]
    fn bad_options_are_named() {
        assert_eq!(parsed("cu -x"), Err(BadOption(1)));
        assert_eq!(parsed("cu -v -vE"), Err(BadOption(2)));
        assert_eq!(parsed("cu -e"), Err(BadOption(1)));
        assert_eq!(parsed("cu -e -v"), Err(BadOption(1)));
        assert_eq!(parsed("cu --version"), Err(BadOption(1)));
        assert_eq!(parsed("cu --profile=none"), Err(BadOption(1)));
        assert!(usage(b"cu", b"-e").starts_with(b"cu: '-e' needs argument\nusage: cu [options]"));
        assert!(usage(b"cu", b"-x").starts_with(b"cu: unrecognized option '-x'\n"));
    }

    #[test]
    fn profiles_are_named() {
        let profile = |line: &str| parsed(line).map(|options| options.profile);
        assert_eq!(profile("cu s"), Ok(Profile::Full));
        for known in Profile::ALL {
            assert_eq!(profile(&format!("cu --profile={known} s")), Ok(known));
        }
    }

    #[test]
    fn interactive_implies_version() {
        let options = parsed("cu -i").unwrap();
        assert!(options.interactive && options.version && !options.executes());
    }
}
