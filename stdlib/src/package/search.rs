//! Finding a file by templates: `package.searchpath`, and what `LUA_PATH` means.

use crate::string::find::find_plain;
use cu_vm::{Args, NativeResult, OpenMode, Outcome, Thrown, Vm};

use crate::answer::c_string;
use crate::args::append;

/// `package.searchpath(name, path [, sep [, rep]])`
pub fn searchpath(vm: &mut Vm, args: Args) -> NativeResult {
    // The reference implementation looks at the last first.
    let replacement = opt_c_string(vm, args, 3, b"/")?;
    let separator = opt_c_string(vm, args, 2, b".")?;
    let path = c_string(vm, args, 1)?;
    let name = c_string(vm, args, 0)?;
    match search(vm, &name, &path, &separator, &replacement)? {
        Ok(file) => {
            vm.push_buffer(file)?;
            Ok(Outcome::results(1))
        }
        Err(message) => {
            vm.push_nil()?;
            vm.push_buffer(message)?;
            Ok(Outcome::results(2))
        }
    }
}

fn opt_c_string(vm: &mut Vm, args: Args, i: u32, default: &[u8]) -> Result<Vec<u8>, Thrown> {
    if vm.is_none_or_nil(args.slot(i)) {
        Ok(default.to_vec())
    } else {
        c_string(vm, args, i)
    }
}

/// The first file that a template of `path` names and that can be read, or the message that there is none.
pub fn search(
    vm: &mut Vm,
    name: &[u8],
    path: &[u8],
    separator: &[u8],
    replacement: &[u8],
) -> Result<Result<Vec<u8>, Vec<u8>>, Thrown> {
    let mut replaced = Vec::new();
    let name = if separator.is_empty() {
        name
    } else {
        replace(vm, &mut replaced, name, separator, replacement)?;
        &replaced
    };
    let mut names = Vec::new();
    replace(vm, &mut names, path, b"?", name)?;
    for file in names.split(|&b| b == b';').filter(|_| !names.is_empty()) {
        if is_readable(vm, file) {
            let mut found = Vec::new();
            append(vm, &mut found, file)?;
            return Ok(Ok(found));
        }
    }
    let mut message = Vec::new();
    append(vm, &mut message, b"no file '")?;
    replace(vm, &mut message, &names, b";", b"'\n\tno file '")?;
    append(vm, &mut message, b"'")?;
    Ok(Err(message))
}

fn is_readable(vm: &mut Vm, name: &[u8]) -> bool {
    vm.with_files(|host| match host.open(name, OpenMode::READ) {
        Ok(file) => {
            // It was not used.
            let _ = host.close(file);
            true
        }
        Err(_) => false,
    })
}

/// Appends `text` with every `from` replaced.
fn replace(
    vm: &mut Vm,
    out: &mut Vec<u8>,
    text: &[u8],
    from: &[u8],
    to: &[u8],
) -> Result<(), Thrown> {
    let mut rest = text;
    while let Some(at) = find_plain(rest, from) {
        vm.charge(1 + (at + to.len()) as u64 / 32)?;
        append(vm, out, rest.get(..at).unwrap_or_default())?;
        append(vm, out, to)?;
        rest = rest.get(at + from.len()..).unwrap_or_default();
    }
    append(vm, out, rest)
}

/// The path that a variable says, with the default in place of the first `;;`.
#[inline(never)]
pub fn with_default(path: &[u8], default: &[u8]) -> Vec<u8> {
    let Some(at) = find_plain(path, b";;") else {
        return path.to_vec();
    };
    let (prefix, suffix) = (
        path.get(..at).unwrap_or_default(),
        path.get(at + 2..).unwrap_or_default(),
    );
    let mut parts = vec![default];
    if !prefix.is_empty() {
        parts.insert(0, prefix);
    }
    if !suffix.is_empty() {
        parts.push(suffix);
    }
    parts.join(&b';')
}

#[cfg(test)]
mod tests {
    use super::with_default;

    #[test]
    fn two_separators_stand_for_the_default() {
        let convert = |path: &[u8]| with_default(path, b"D");
        assert_eq!(convert(b";"), b";");
        assert_eq!(convert(b";;"), b"D");
        assert_eq!(convert(b"a;;b"), b"a;D;b");
        assert_eq!(convert(b";;b"), b"D;b");
        assert_eq!(convert(b"a;;"), b"a;D");
        assert_eq!(convert(b"a;b;;c"), b"a;b;D;c");
    }
}
