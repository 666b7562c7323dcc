//! Signals, special files, modes and limits of Unix.

use super::*;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;

#[test]
fn devices_and_fifos_are_written_to() {
    let place = Place::new(&[]);
    let output = place.build("app -o /dev/null");
    assert!(output.status.success());
    let null = fs::metadata("/dev/null").unwrap();
    assert!(null.file_type().is_char_device());
    if Path::new("/dev/full").exists() {
        place.refused(
            "app -o /dev/full",
            &["cannot write `/dev/full`", "No space left"],
        );
    }
    let made = Command::new("mkfifo").arg(place.path("pipe")).status();
    assert!(made.unwrap().success());
    let pipe = place.path("pipe");
    let reader = std::thread::spawn(move || fs::read(pipe).unwrap());
    let output = place.build("app -o pipe");
    assert!(output.status.success());
    assert_component(&reader.join().unwrap());
    assert!(
        fs::metadata(place.path("pipe"))
            .unwrap()
            .file_type()
            .is_fifo()
    );
}

/// Python's `pty` gives the program a terminal, and shows what the program prints there.
#[test]
fn a_terminal_gets_no_component() {
    let place = Place::new(&[]);
    let terminal = "import pty, sys\nsys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    let mut python = place.prepared("python3", "");
    python.args(["-c", terminal, env!("CARGO_BIN_EXE_componentize-py")]);
    python.args("-d wit -w hello componentize app -o -".split(' '));
    python.env("NO_COLOR", "1");
    let output = python.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    let expected = "error: the component is binary, and standard output is a terminal";
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("name a file with `-o/--output`"), "{text}");
}

#[test]
fn a_file_that_is_replaced_keeps_its_mode() {
    let place = Place::new(&[("old.wasm", "old")]);
    let mode = |name: &str| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    fs::set_permissions(place.path("old.wasm"), fs::Permissions::from_mode(0o604)).unwrap();
    assert_built(&place.build("app -o old.wasm"), &place.path("old.wasm"));
    assert_eq!(mode("old.wasm"), 0o604);
    let script = format!(
        "umask 027; exec {} -d wit -w hello componentize app -o new.wasm",
        env!("CARGO_BIN_EXE_componentize-py")
    );
    let output = place.prepared("sh", "").args(["-c", &script]).output();
    assert_built(&output.unwrap(), &place.path("new.wasm"));
    assert_eq!(mode("new.wasm"), 0o640);
}

/// A limit on the size of files stands for a disk that is full.
#[test]
fn no_part_of_a_file_is_left_where_there_is_no_room() {
    let large = format!("{CLASS}\nDATA = bytes(range(256)) * 160_000\n");
    let place = Place::new(&[("large.py", &large)]);
    fs::create_dir(place.path("out")).unwrap();
    fs::write(place.path("out/old.wasm"), "old").unwrap();
    // In blocks of 512 bytes or of 1 KiB, that is 15 or 30 MB: more than the standard library, less than the component.
    let size = |limit: u32| format!("ulimit -f {limit}; exec");
    let program = env!("CARGO_BIN_EXE_componentize-py");
    let run = |limit: &str| {
        let script =
            format!("{limit} {program} -d wit -w hello componentize large -o out/old.wasm");
        let mut command = place.prepared("sh", "");
        command.args(["-c", &script]).output().unwrap()
    };
    let output = run(&size(30_000));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.to_lowercase().contains("file too large"), "{text}");
    assert_eq!(fs::read(place.path("out/old.wasm")).unwrap(), b"old");
    assert_eq!(names(&place.path("out")), ["old.wasm"]);
    // The same if the files of the build itself have no space.
    let output = run(&size(100));
    assert_refused(
        &output,
        &["cannot use the directory for temporary files", "`TMPDIR`"],
    );
    assert_eq!(place.temporary(), Vec::<String>::new());
}

#[test]
fn signals_leave_nothing_behind() {
    let place = Place::new(&[("looping.py", LOOP)]);
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let mut child = started(&place);
        kill(signal, child.id());
        let start = Instant::now();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
        assert!(start.elapsed() < Duration::from_secs(10));
        assert_eq!(place.temporary(), Vec::<String>::new(), "{signal}");
        assert!(!place.path("looping.wasm").exists());
    }
}

#[test]
fn signals_that_are_switched_off_stay_off() {
    let place = Place::new(&[]);
    let script = format!(
        "trap '' INT HUP; {} -d wit -w hello componentize app -o app.wasm & pid=$!; sleep 0.2; kill -INT $pid; kill -HUP $pid; wait $pid",
        env!("CARGO_BIN_EXE_componentize-py")
    );
    let output = place.prepared("sh", "").args(["-c", &script]).output();
    assert_built(&output.unwrap(), &place.path("app.wasm"));
}

#[test]
fn what_a_killed_build_left_goes_and_what_is_in_use_stays() {
    let place = Place::new(&[("looping.py", LOOP)]);
    let mut killed = started(&place);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = place.temporary();
    assert_eq!(left.len(), 1);
    let mut living = started(&place);
    let both = place.temporary();
    // The second has removed what the first left.
    assert_eq!(both.len(), 1, "{both:?}");
    assert_ne!(left, both);
    let output = place.build("app -o app.wasm");
    assert_built(&output, &place.path("app.wasm"));
    assert_eq!(place.temporary(), both);
    kill("TERM", living.id());
    living.wait().unwrap();
}

/// A build of an app that never ends, with its temporary files made.
fn started(place: &Place) -> std::process::Child {
    let before = place.temporary();
    let mut command = place.command("looping -o looping.wasm");
    command.stderr(std::process::Stdio::null());
    // SAFETY: between fork and exec only `signal` is called, which may be called there.
    unsafe { command.pre_exec(not_ignored) };
    let child = command.spawn().unwrap();
    let python = |name: &String| place.path("tmp").join(name).join("bindings").exists();
    let start = Instant::now();
    while !place
        .temporary()
        .iter()
        .any(|name| !before.contains(name) && python(name))
    {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

/// A shell that starts this in the background ignores signals, and children inherit that.
fn not_ignored() -> std::io::Result<()> {
    for signal in [libc::SIGINT, libc::SIGHUP, libc::SIGTERM] {
        // SAFETY: the default action needs no handler.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    Ok(())
}

fn kill(signal: &str, process: u32) {
    let mut kill = Command::new("kill");
    kill.args(["-s", signal, &process.to_string()]);
    assert!(kill.status().unwrap().success());
}
