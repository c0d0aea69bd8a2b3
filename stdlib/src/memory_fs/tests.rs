//! What files in memory do that is not shown by programs of the suite.

use super::*;

const WRITE: OpenMode = OpenMode {
    read: false,
    write: true,
    append: false,
    truncate: true,
    create: true,
};

fn files() -> MemoryFiles {
    let mut files = MemoryFiles::new();
    files.set_memory_room(1 << 20);
    files
}

fn code<T: std::fmt::Debug>(result: HostResult<T>) -> i32 {
    result.unwrap_err().code
}

fn all(files: &mut MemoryFiles, file: FileId) -> Vec<u8> {
    let shown = files.peek(file).unwrap().to_vec();
    files.consume(file, shown.len());
    shown
}

#[test]
fn names_lead_to_one_tree() {
    let mut f = files();
    f.put(b"a/b/c.lua", b"x").unwrap();
    for name in [
        "a/b/c.lua",
        "/a/b/c.lua",
        "./a//b/../b/c.lua",
        "../a/b/c.lua",
    ] {
        assert_eq!(f.get(name.as_bytes()), Some(&b"x"[..]), "{name}");
    }
    assert_eq!(code(f.open(b"a/x", OpenMode::READ)), 2);
    assert_eq!(code(f.open(b"", OpenMode::READ)), 2);
    assert_eq!(code(f.open(b"b/c/d", WRITE)), 2);
    assert_eq!(code(f.open(b"a/b/c.lua/d", WRITE)), 20);
    assert_eq!(code(f.open(b"a/b/c.lua/", OpenMode::READ)), 20);
    assert_eq!(code(f.open(b"a/b", WRITE)), 21);
    assert_eq!(f.names().collect::<Vec<_>>(), [b"a/b/c.lua"]);
}

#[test]
fn a_directory_can_be_opened_but_not_read() {
    let mut f = files();
    let directory = f.open(b"/", OpenMode::READ).unwrap();
    assert_eq!(f.peek(directory).unwrap_err().code, 21);
    f.close(directory).unwrap();
}

#[test]
fn a_removed_file_lives_while_it_is_open() {
    let mut f = files();
    f.put(b"a", b"old").unwrap();
    let open = f.open(b"a", OpenMode::READ).unwrap();
    f.remove(b"a").unwrap();
    assert_eq!(code(f.remove(b"a")), 2);
    f.put(b"a", b"new").unwrap();
    assert_eq!(all(&mut f, open), b"old");
    f.close(open).unwrap();
    assert_eq!(f.get(b"a"), Some(&b"new"[..]));
    assert_eq!(code(f.close(open)), 9);
}

#[test]
fn written_bytes_wait_in_the_buffer() {
    let mut f = files();
    let w = f.open(b"a", WRITE).unwrap();
    let r = f.open(b"a", OpenMode::READ).unwrap();
    f.write(w, b"x").unwrap();
    assert_eq!(all(&mut f, r), b"");
    f.flush(w).unwrap();
    assert_eq!(all(&mut f, r), b"x");
    f.set_buffering(w, Buffering::Line).unwrap();
    f.write(w, b"y").unwrap();
    assert_eq!(all(&mut f, r), b"");
    f.write(w, b"z\n").unwrap();
    assert_eq!(all(&mut f, r), b"yz\n");
    f.set_buffering(w, Buffering::None).unwrap();
    f.write(w, b"!").unwrap();
    assert_eq!(all(&mut f, r), b"!");
    assert_eq!(code(f.write(r, b"!")), 9);
    assert_eq!(f.peek(w).unwrap_err().code, 9);
}

#[test]
fn seeking_and_gaps() {
    let mut f = files();
    let t = f.temporary_file().unwrap();
    f.write(t, b"abc").unwrap();
    assert_eq!(f.seek(t, Whence::Current, 0), Ok(3));
    assert_eq!(f.seek(t, Whence::End, 2), Ok(5));
    f.write(t, b"z").unwrap();
    assert_eq!(f.seek(t, Whence::Start, 1), Ok(1));
    assert_eq!(all(&mut f, t), b"bc\0\0z");
    assert_eq!(code(f.seek(t, Whence::Start, -1)), 22);
}

#[test]
fn appending_goes_to_the_end() {
    let mut f = files();
    f.put(b"a", b"12").unwrap();
    let mode = OpenMode {
        append: true,
        truncate: false,
        read: true,
        ..WRITE
    };
    let a = f.open(b"a", mode).unwrap();
    f.seek(a, Whence::Start, 0).unwrap();
    f.write(a, b"3").unwrap();
    f.close(a).unwrap();
    assert_eq!(f.get(b"a"), Some(&b"123"[..]));
}

#[test]
fn renaming() {
    let mut f = files();
    f.put(b"d/a", b"1").unwrap();
    f.put(b"d/b/c", b"2").unwrap();
    f.put(b"e", b"3").unwrap();
    f.rename(b"e", b"d/a").unwrap();
    assert_eq!(f.get(b"d/a"), Some(&b"3"[..]));
    assert_eq!(code(f.rename(b"e", b"x")), 2);
    assert_eq!(code(f.rename(b"d/a", b"tmp")), 21);
    assert_eq!(code(f.rename(b"d", b"d/x")), 22);
    f.rename(b"d", b"longer").unwrap();
    assert_eq!(
        f.names().collect::<Vec<_>>(),
        [&b"longer/a"[..], b"longer/b/c"]
    );
    assert_eq!(code(f.remove(b"longer/b")), 39);
    f.remove(b"longer/b/c").unwrap();
    f.remove(b"longer/b").unwrap();
}

#[test]
fn memory_is_counted_and_given_back() {
    let mut f = files();
    let start = f.memory_used();
    f.put(b"a", &[7; 10_000]).unwrap();
    assert!(f.memory_used() >= start + 10_000);
    f.set_memory_room(5000);
    let more = f.open(b"b", WRITE).unwrap();
    assert_eq!(code(f.write(more, &[7; 10_000])), 28);
    f.close(more).unwrap();
    f.remove(b"a").unwrap();
    f.remove(b"b").unwrap();
    assert_eq!(f.memory_used(), start);
}

#[test]
fn temporary_names_are_those_of_new_files() {
    let mut f = files();
    let (a, b) = (f.temporary_name().unwrap(), f.temporary_name().unwrap());
    assert_eq!(a, b"/tmp/lua_000001");
    assert_ne!(a, b);
    assert_eq!(f.get(&b), Some(&b""[..]));
}
