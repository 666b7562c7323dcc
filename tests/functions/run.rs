//! `componentize-py run`, by the real program: the input of a component, its limits, and its end.
//!
//! The programs are `tests/run/{p2,p3}/app.py`, built once, and small handwritten components for cases that those do not
//! cover.

mod cache;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use crate::support::components::{build, tiny, tool};

/// A program of WASI 0.2 and one of 0.3.
static P2: LazyLock<PathBuf> =
    LazyLock::new(|| build("run/p2", "wit/wasi-0.2", "wasi:cli/command@0.2.12"));
static P3: LazyLock<PathBuf> =
    LazyLock::new(|| build("run/p3", "wit/wasi-0.3", "wasi:cli/command@0.3.0"));

/// A program's end and its output.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs `componentize-py run OPTIONS COMPONENT ARGUMENTS`.
fn run(options: &[&str], component: &Path, arguments: &[&str]) -> Ended {
    ended(
        command(options, component, arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap(),
    )
}

fn command(options: &[&str], component: &Path, arguments: &[&str]) -> Command {
    let mut command = tool();
    command
        .arg("run")
        .args(options)
        .arg(component)
        .args(arguments);
    command
}

fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    #[track_caller]
    fn prints(&self, stdout: &str) {
        assert_eq!(
            (self.stdout.as_str(), self.code),
            (stdout, Some(0)),
            "{}",
            self.stderr
        );
        assert_eq!(self.stderr, "");
    }

    #[track_caller]
    fn fails(&self, code: i32, stderr: &str) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert!(self.stderr.contains(stderr), "{}", self.stderr);
    }
}

#[test]
fn arguments() {
    for program in [&P2, &P3] {
        let name = program.file_name().unwrap().to_string_lossy();
        run(&[], program, &["arguments", "--help", "a b", "ü"])
            .prints(&format!("['{name}', 'arguments', '--help', 'a b', 'ü']\n"));
    }
}

#[test]
fn environment_is_what_is_given() {
    let mut command = command(
        &["--env", "A=b=c", "--env", "OURS", "--env", "EMPTY="],
        &P2,
        &["environment"],
    );
    let output = command
        .env("OURS", "inherited")
        .env("HIDDEN", "not given")
        .output()
        .unwrap();
    ended(output).prints("[('A', 'b=c'), ('EMPTY', ''), ('OURS', 'inherited')]\n");

    let unset = run(&["--env", "SURELY_NOT_SET"], &P2, &["environment"]);
    assert_eq!(unset.stdout, "[]\n");
    assert_eq!(
        unset.stderr,
        "warning: `SURELY_NOT_SET` is not set here, so the app does not get it\n"
    );
}

#[test]
fn directories() {
    let directory = tempfile::tempdir().unwrap();
    let host = directory.path().to_str().unwrap();
    let file = directory.path().join("file.txt");
    std::fs::write(&file, "from the host").unwrap();
    let inside = |name: &str| format!("{host}/{name}");

    run(&["--dir", host], &P2, &["read", &inside("file.txt")]).prints("from the host\n");
    run(
        &["--dir", &format!("{host}::/data")],
        &P2,
        &["read", "/data/file.txt"],
    )
    .prints("from the host\n");
    run(
        &["--dir", &format!("{host}::/data:ro")],
        &P2,
        &["read", "/data/file.txt"],
    )
    .prints("from the host\n");
    run(
        &["--dir", &format!("{host}::/data")],
        &P2,
        &["write", "/data/new.txt"],
    )
    .prints("");
    assert_eq!(
        std::fs::read_to_string(directory.path().join("new.txt")).unwrap(),
        "from the program"
    );

    run(
        &["--dir", &format!("{host}::/data:ro")],
        &P2,
        &["write", "/data/file.txt"],
    )
    .fails(1, "PermissionError");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "from the host");
    run(&[], &P2, &["read", &inside("file.txt")]).fails(1, "FileNotFoundError");

    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), directory.path().join("link")).unwrap();
    run(
        &["--dir", &format!("{host}::/data")],
        &P2,
        &["read", "/data/link"],
    )
    .fails(1, "PermissionError");
}

#[test]
fn directory_that_is_not_there() {
    run(&["--dir", "surely/not/there"], &P2, &[])
        .fails(1, "error: cannot open the directory `surely/not/there`\n");
}

#[test]
fn standard_input() {
    for program in [&P2, &P3] {
        let mut command = command(&[], program, &["shout"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"hello\nthere\n")
            .unwrap();
        ended(child.wait_with_output().unwrap()).prints("HELLO\nTHERE\n");
    }
}

#[test]
fn network_only_when_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut received = [0; 4];
        connection.read_exact(&mut received).unwrap();
        connection.write_all(b"pong").unwrap();
        received
    });
    let denied = run(&[], &P2, &["connect", "127.0.0.1", &port]);
    denied.fails(1, "PermissionError");
    assert!(!server.is_finished(), "the server was reached");
    run(&[], &P2, &["look-up", "localhost"]).fails(1, "gaierror");
    run(&["--network"], &P2, &["look-up", "127.0.0.1"]).prints("('127.0.0.1', 80)\n");
    run(&["--network"], &P2, &["connect", "127.0.0.1", &port]).prints("pong\n");
    assert_eq!(&server.join().unwrap(), b"ping");
}

#[test]
fn exit_codes() {
    for program in [&P2, &P3] {
        run(&[], program, &[]).prints("");
        for (arguments, code) in [
            (["exit", "0"], 0),
            (["exit", "7"], 7),
            (["exit", "255"], 255),
        ] {
            let ended = run(&[], program, &arguments);
            assert_eq!(
                (ended.code, ended.stderr.as_str()),
                (Some(code), ""),
                "{arguments:?}"
            );
        }
        let failed = run(&[], program, &["fail"]);
        assert_eq!((failed.code, failed.stderr.as_str()), (Some(1), ""));
    }
}

#[test]
fn exceptions_show_their_traceback() {
    for program in [&P2, &P3] {
        let raised = run(&[], program, &["raise"]);
        raised.fails(
            1,
            "Traceback (most recent call last):\n  File \"/0/app.py\", line ",
        );
        let end = format!(
            "\nValueError: as asked\nerror: `{}` ended with an exception that it did not catch\n",
            program.display()
        );
        assert!(raised.stderr.ends_with(&end), "{}", raised.stderr);
    }
}

#[test]
fn traps_are_errors() {
    let component = tiny(
        "trap",
        &tiny_program("(func (export \"run\") (result i32) unreachable)"),
    );
    let ended = run(&[], &component, &[]);
    let expected = format!(
        "error: `{}` trapped\n\nwasm trap: wasm `unreachable` instruction executed\n",
        component.display()
    );
    assert_eq!((ended.stderr, ended.code), (expected, Some(1)));
}

#[test]
fn work_after_the_return_is_done() {
    run(&[], &P3, &["later"]).prints("after the return\n");
}

#[test]
fn time_limit() {
    for program in [&P2, &P3] {
        for arguments in [&["loop"][..], &["sleep", "1000"]] {
            let ended = run(&["--timeout", "0.5"], program, arguments);
            ended.fails(
                1,
                &format!(
                    "error: `{}` ran longer than 0.5 seconds\n\nhint: ",
                    program.display()
                ),
            );
        }
    }
    run(&["--timeout", "1000"], &P2, &["sleep", "0.01"]).prints("");
}

#[test]
fn memory_limit() {
    let ended = run(&["--max-memory", "64MiB"], &P2, &["eat"]);
    ended.fails(
        1,
        &format!(
            "error: `{}` needed more memory than 64 MiB\n\nhint: ",
            P2.display()
        ),
    );
    // The program decides how it handles the exception.
    run(&["--max-memory", "64MiB"], &P2, &["eat-and-live"]).prints("too much\n");
    run(&["--max-memory", "64KiB"], &P2, &[]).fails(1, "needed more memory than 64 KiB");
}

#[test]
fn components_of_other_kinds() {
    let server = tiny(
        "handler",
        "(component (instance $i) (export \"wasi:http/incoming-handler@0.2.0\" (instance $i)))",
    );
    run(&[], &server, &[]).fails(
        1,
        &format!(
            "\nhint: it answers HTTP requests: `componentize-py serve {}`\n",
            server.display()
        ),
    );
    let other = tiny(
        "other",
        "(component (instance $i) (export \"test:a/b\" (instance $i)) (export \"c\" (instance $i)))",
    );
    run(&[], &other, &[]).fails(1, "\nhint: it exports `test:a/b`, `c`\n");
    let types = tiny(
        "types",
        &tiny_program("(func (export \"run\") (result i32) i32.const 0)").replacen(
            "(component",
            "(component (import \"test:host/types\" (instance (type $t (record (field \"a\" u8))) (export \"t\" (type (eq $t)))))",
            1,
        ),
    );
    run(&[], &types, &[]).prints("");
    let needy = tiny(
        "needy",
        "(component
           (import \"test:host/things\" (instance (export \"f\" (func))))
           (instance $i) (export \"wasi:cli/run@0.2.0\" (instance $i)))",
    );
    run(&[], &needy, &[]).fails(
        1,
        &format!(
            "error: `{}` imports what is not offered here: `test:host/things`\n",
            needy.display()
        ),
    );
    let verbose = ended(tool().args(["-v", "run"]).arg(&needy).output().unwrap());
    assert!(
        !verbose.stderr.contains("looking for compiled code"),
        "{}",
        verbose.stderr
    );
    let empty = tiny(
        "empty-run",
        "(component (instance $i) (export \"wasi:cli/run@0.2.0\" (instance $i)))",
    );
    run(&[], &empty, &[]).fails(
        1,
        &format!(
            "error: `{}` is not a component that can be used\n",
            empty.display()
        ),
    );
}

/// A handwritten component that exports `wasi:cli/run@0.2.0`.
fn tiny_program(function: &str) -> String {
    format!(
        "(component
           (core module $m {function})
           (core instance $i (instantiate $m))
           (func $run (result (result)) (canon lift (core func $i \"run\")))
           (instance $exports (export \"run\" (func $run)))
           (export \"wasi:cli/run@0.2.0\" (instance $exports)))"
    )
}
