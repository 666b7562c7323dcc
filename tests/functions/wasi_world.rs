//! `--wasi world`: the component imports what its world lists, runs on hosts that offer nothing else, and gets errors
//! where it would have called more of WASI. `--wasi all`: it imports nothing that no code can reach.

mod narrow;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::golden::root;
use crate::support::{copy_all, python_venv};
use narrow::{Built, build, componentize, imports};

/// The same in every world without files, sockets, environment and arguments.
fn lacks_the_rest(lines: &BTreeMap<String, String>, sends_http: bool) {
    let expected = [
        (
            "file",
            "FileNotFoundError: [Errno 44] No such file or directory: '/x'",
        ),
        ("listing", "['0', 'app.py', 'dev', 'tmp', 'venv', 'wit']"),
        ("folder", "OSError: [Errno 69] Read-only file system: '/x'"),
        ("environment", "{}"),
        ("arguments", "[]"),
        ("clock", "[True, True]"),
        ("resolution", "True"),
        ("number", "True"),
        ("waiting", "([], [], [])"),
        ("ready", "([0], [1], [])"),
    ];
    expect(lines, &expected);
    // A world that sends HTTP has sockets for that; then the host looks up the names.
    let sockets = if sends_http {
        [
            (
                "plain_socket",
                "<socket.socket fd=1048576, family=1, type=6, proto=0, laddr=('0.0.0.0', 0)>",
            ),
            (
                "address",
                "[(<AddressFamily.AF_INET: 1>, <SocketKind.SOCK_STREAM: 6>, 6, '', ('198.18.0.1', 80)), \
                 (<AddressFamily.AF_INET: 1>, <SocketKind.SOCK_DGRAM: 5>, 17, '', ('198.18.0.1', 80))]",
            ),
        ]
    } else {
        [
            ("plain_socket", "OSError: [Errno 58] Not supported"),
            ("address", "gaierror: [Errno -2] Name does not resolve"),
        ]
    };
    expect(lines, &sockets);
}

fn expect(lines: &BTreeMap<String, String>, expected: &[(&str, &str)]) {
    for (name, outcome) in expected {
        assert_eq!(lines[*name], *outcome, "{name} of {lines:#?}");
    }
}

#[test]
fn proxy_runs_on_a_host_of_its_world() {
    for linker in ["merge", "component"] {
        let options = ["--wasi", "world", "--linker", linker];
        let built = build("include wasi:http/proxy@0.2.12;", None, &options);
        let names: Vec<String> = imports(&built.bytes).into_keys().collect();
        assert_eq!(
            names,
            [
                "wasi:cli/stderr@0.2.12",
                "wasi:cli/stdin@0.2.12",
                "wasi:cli/stdout@0.2.12",
                "wasi:clocks/monotonic-clock@0.2.12",
                "wasi:clocks/wall-clock@0.2.12",
                "wasi:http/outgoing-handler@0.2.12",
                "wasi:http/types@0.2.12",
                "wasi:io/error@0.2.12",
                "wasi:io/poll@0.2.12",
                "wasi:io/streams@0.2.12",
                "wasi:random/random@0.2.12",
            ]
        );
        assert!(built.fits_its_world());
        let (lines, output) = built.probe();
        lacks_the_rest(&lines, true);
        assert_eq!(lines["secret"], "8");
        assert_eq!(lines["line"], "'a line'");
        assert_eq!(output, "to stdout\nto stderr\n");
        assert!(lines["date"].parse::<u32>().unwrap() > 2000);
    }
}

#[test]
fn proxy_needs_more_by_default() {
    let built = build("include wasi:http/proxy@0.2.12;", None, &[]);
    assert!(!built.fits_its_world());
}

/// What a world without clocks, random numbers and standard streams has in their place.
fn lacks_everything(built: &Built) {
    assert!(built.fits_its_world());
    let (lines, output) = built.probe();
    lacks_the_rest(&lines, false);
    assert_eq!(
        lines["secret"],
        "NotImplementedError: /dev/urandom (or equivalent) not found"
    );
    assert_eq!(lines["line"], "EOFError: EOF when reading a line");
    assert_eq!(lines["output"], "False");
    assert_eq!(output, "");
    assert_eq!(lines["date"], "1980");
}

#[test]
fn nothing_is_imported_for_a_world_of_exports() {
    for linker in ["merge", "component"] {
        let built = build(
            "",
            Some("package a:b;"),
            &["--wasi", "world", "--linker", linker],
        );
        assert_eq!(imports(&built.bytes), BTreeMap::new());
        lacks_everything(&built);
    }
}

#[test]
fn the_end_of_the_process_is_a_trap() {
    let built = build(
        "export leave: func();",
        Some("package a:b;"),
        &["--wasi", "world"],
    );
    let (outcome, _) = built.call("leave", &mut []);
    let error = format!("{:?}", outcome.unwrap_err());
    assert!(error.contains("wasi:cli/exit@0.2.0#exit"), "{error}");
}

#[test]
fn asynchronous_worlds_do_without() {
    for linker in ["merge", "component"] {
        let options = ["--wasi", "world", "--linker", linker];
        let built = build(
            "export probe: async func() -> string;",
            Some("package a:b;"),
            &options,
        );
        assert_eq!(imports(&built.bytes), BTreeMap::new());
        lacks_everything(&built);
    }
}

/// The world has the types of streams and of pollables, but nothing that gives the C library one.
#[test]
fn handles_of_ours_never_reach_the_host() {
    let items = "import wasi:io/streams@0.2.12;";
    for linker in ["merge", "component"] {
        let built = build(items, None, &["--wasi", "world", "--linker", linker]);
        let names: Vec<String> = imports(&built.bytes).into_keys().collect();
        assert_eq!(
            names,
            [
                "wasi:io/error@0.2.12",
                "wasi:io/poll@0.2.12",
                "wasi:io/streams@0.2.12"
            ]
        );
        lacks_everything(&built);
    }
}

/// A stream of ours gives a pollable of ours, though the host has pollables, too.
#[test]
fn handles_of_ours_give_handles_of_ours() {
    let items = "import wasi:io/streams@0.2.12;\n  import wasi:clocks/monotonic-clock@0.2.12;";
    for linker in ["merge", "component"] {
        let built = build(items, None, &["--wasi", "world", "--linker", linker]);
        assert!(built.fits_its_world());
        let (lines, output) = built.probe();
        assert_eq!(lines["ready"], "([0], [1], [])");
        assert_eq!(lines["waiting"], "([], [], [])");
        // The host's clock waits, and ours stands nearly still meanwhile.
        assert_eq!(lines["clock"], "[False, True]");
        assert_eq!(output, "");
    }
}

#[test]
fn interfaces_stay_as_far_as_the_world_has_them() {
    let wasi = "package wasi:clocks@0.2.0;

interface wall-clock {
  record datetime {
    seconds: u64,
    nanoseconds: u32,
  }
  now: func() -> datetime;
}
";
    let items = "import wasi:clocks/wall-clock@0.2.0;";
    let built = build(items, Some(wasi), &["--wasi", "world"]);
    let found = imports(&built.bytes);
    assert_eq!(
        found,
        BTreeMap::from([("wasi:clocks/wall-clock@0.2.0".to_owned(), 1)])
    );
    assert!(built.fits_its_world());
    let (lines, _) = built.probe();
    assert_eq!(lines["resolution"], "True");
    assert!(lines["date"].parse::<u32>().unwrap() > 2000);
}

/// The tables of the C library name every function of its sockets, also where no code can create one.
#[test]
fn nothing_out_of_reach_is_imported() {
    let temporary = tempfile::tempdir().unwrap();
    copy_all(&root().join("examples/hello"), temporary.path()).unwrap();
    let hello = imports(&componentize(
        temporary.path(),
        &temporary.path().join("venv"),
        &[],
        &[],
    ));
    assert!(
        hello.keys().all(|name| !name.starts_with("wasi:sockets/")),
        "{hello:?}"
    );
    assert!(hello.contains_key("wasi:filesystem/preopens@0.2.0"));
    // This app imports `socket`.
    let built = build("", Some("package a:b;"), &[]);
    assert!(imports(&built.bytes).contains_key("wasi:sockets/tcp@0.2.0"));
}

/// The table of `docs/how-to/wasi-imports.md`.
#[test]
fn counts() {
    let page = fs::read_to_string(root().join("docs/how-to/wasi-imports.md")).unwrap();
    let wasi = root().join("wit/wasi-0.2");
    let wasi = wasi.to_str().unwrap();
    let python = python_venv(&["spin-sdk==2.0.0"]);
    let spin = python.parent().and_then(Path::parent);
    for (example, world, environment) in [
        ("hello", &["-d", "wit", "-w", "hello"][..], None),
        ("http", &["-d", wasi, "-w", "wasi:http/proxy@0.2.12"], None),
        ("spin-hello", &["-w", "spin-http"], spin),
    ] {
        let temporary = tempfile::tempdir().unwrap();
        copy_all(&root().join("examples").join(example), temporary.path()).unwrap();
        let count = |wasi: &str| {
            let venv = temporary.path().join("venv");
            let bytes = componentize(
                temporary.path(),
                environment.unwrap_or(&venv),
                world,
                &["--wasi", wasi],
            );
            let found = imports(&bytes);
            format!("{}, {}", found.len(), found.values().sum::<usize>())
        };
        let (all, of_world) = (count("all"), count("world"));
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{example}` |")));
        let end = format!("| {all} | {of_world} |");
        assert!(
            row.is_some_and(|row| row.ends_with(&end)),
            "{example}: {end}"
        );
    }
}
