//! The files inside a component beside those of the host, by the real program.
//!
//! The program is `tests/files/app.py`, built once; its arguments are actions with ` / ` between them.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::support::command::succeeds;
use crate::support::components::{build, tool};

static PROGRAM: LazyLock<PathBuf> =
    LazyLock::new(|| build("files", "wit/wasi-0.2", "wasi:cli/command@0.2.12"));

/// The lines that the program prints, with these directories of the host.
fn run(directories: &[(&TempDir, &str)], actions: &[&str]) -> Vec<String> {
    let mut command = tool();
    command.arg("run");
    for (directory, guest) in directories {
        command.arg("--dir");
        command.arg(format!("{}::{guest}", directory.path().display()));
    }
    command.arg(&*PROGRAM).arg(actions.join(" / "));
    let output = command.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*stderr), (Some(0), ""));
    let stdout = String::from_utf8(output.stdout).unwrap();
    stdout.lines().map(str::to_owned).collect()
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    directory
}

#[test]
fn without_a_host() {
    let found = run(
        &[],
        &[
            "read /0/union/own.txt",
            "read union/own.txt",
            "list /0/union",
            "write /0/union/own.txt x",
            "write /0/union/new.txt x",
            "write /new.txt x",
            "temporary",
            "write /tmp/a x",
            "read /tmp/a",
        ],
    );
    let expected = [
        "only the component's",
        "only the component's",
        "['both.txt', 'inner', 'own.txt']",
        "EROFS",
        "EROFS",
        "EROFS",
        "/tmp",
        "1",
        "x",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_host_comes_first() {
    let host = directory(&[
        ("union/both.txt", "the host's"),
        ("union/host.txt", "only the host's"),
        ("app.py", "another"),
    ]);
    let found = run(
        &[(&host, "/0")],
        &[
            "read /0/union/both.txt",
            "read /0/union/own.txt",
            "list /0/union",
            "walk /0/union",
            "read /0/app.py",
            "descend /0/union own.txt",
            "descend /0/union both.txt",
            "descend /0/union host.txt",
            "chdir /0/union/inner ../both.txt",
            "write /0/union/new.txt x",
            "write /0/union/inner/new.txt x",
            "remove /0/union/both.txt",
            "read /0/union/both.txt",
            "remove /0/union/both.txt",
        ],
    );
    let expected = [
        "the host's",
        "only the component's",
        "['both.txt', 'host.txt', 'inner', 'own.txt']",
        "['/0/union/both.txt', '/0/union/host.txt', '/0/union/inner/deep.txt', '/0/union/own.txt']",
        "another",
        "only the component's",
        "the host's",
        "only the host's",
        "('/0/union/inner', \"the host's\")",
        "1",
        "EROFS",
        "None",
        "the component's",
        "EROFS",
    ];
    assert_eq!(found, expected);
    let written = fs_err::read_to_string(host.path().join("union/new.txt")).unwrap();
    assert_eq!(written, "x");
}

#[test]
fn the_whole_host() {
    let host = directory(&[("data.txt", "data"), ("union/host.txt", "the host's")]);
    for guest in ["/", "."] {
        let found = run(
            &[(&host, guest)],
            &[
                "read data.txt",
                "read /data.txt",
                "read union/own.txt",
                "read /union/host.txt",
                "list /union",
                "temporary",
                "write /tmp/a x",
                "write out.txt y",
                "move /tmp/a /moved.txt",
                "read /moved.txt",
            ],
        );
        let expected = [
            "data",
            "data",
            "only the component's",
            "the host's",
            "['both.txt', 'host.txt', 'inner', 'own.txt']",
            "/tmp",
            "1",
            "1",
            "/moved.txt",
            "x",
        ];
        assert_eq!(found, expected, "{guest}");
        assert_eq!(
            fs_err::read_to_string(host.path().join("out.txt")).unwrap(),
            "y"
        );
        assert!(!host.path().join("tmp").exists());
    }
}

#[test]
fn the_host_refuses() {
    let host = directory(&[("data.txt", "data")]);
    let found = run(
        &[(&host, "/")],
        &[
            "make-dir /0/new",
            "link app.py /0/new",
            "words /0/empty.db",
            "rename /data.txt /tmp/x",
            "rename /nothing /tmp/x",
            "create /0/union/own.txt",
            "append /0/union/own.txt x",
            "read /0/union/own.txt",
        ],
    );
    let expected = [
        "EROFS",
        "EROFS",
        "(0,)",
        "EXDEV",
        "ENOENT",
        "EEXIST",
        "EROFS",
        "only the component's",
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_the_host_has_beside_ours() {
    let host = directory(&[("union/b.txt", "b")]);
    let found = run(
        &[(&host, "/0")],
        &[
            "create /0/union/own.txt",
            "append /0/union/own.txt x",
            "append /0/union/b.txt c",
            "read /0/union/b.txt",
        ],
    );
    assert_eq!(found, ["EEXIST", "EROFS", "1", "bc"]);
    assert!(!host.path().join("union/own.txt").exists());
}

#[test]
fn a_temporary_directory_of_the_host() {
    let host = directory(&[("a.txt", "a")]);
    let found = run(
        &[(&host, "/tmp")],
        &[
            "read /tmp/a.txt",
            "write /tmp/b.txt b",
            "write /tmp/none/b.txt b",
            "link /tmp/a.txt /tmp/link",
            "list /tmp",
        ],
    );
    let expected = ["a", "1", "ENOENT", "EPERM", "['a.txt', 'b.txt']"];
    assert_eq!(found, expected);
}

#[test]
fn directories_that_lead_to_the_host() {
    let one = directory(&[("a.txt", "a")]);
    let two = directory(&[("b.txt", "b")]);
    let found = run(
        &[(&one, "/srv/one"), (&two, "/tmp")],
        &[
            "list /srv",
            "list /srv/",
            "is-same /srv /.",
            "is-same /srv /srv/../srv/",
            "read /srv/../0/union/own.txt",
            "read /srv/one/../../0/union/own.txt",
            "chdir /srv/one ../../0/union/own.txt",
            "is-dir /srv",
            "walk /srv",
            "descend /srv one/a.txt",
            "list /tmp",
            "write /tmp/c.txt c",
            "read /0/union/../../srv/one/a.txt",
        ],
    );
    let expected = [
        "['one']",
        "['one']",
        "False",
        "True",
        "only the component's",
        "only the component's",
        "('/srv/one', \"only the component's\")",
        "True",
        "['/srv/one/a.txt']",
        "a",
        "['b.txt']",
        "1",
        "a",
    ];
    assert_eq!(found, expected);
    assert!(two.path().join("c.txt").exists());
}

/// A tree with many files, deep directories and equal contents.
#[test]
fn many_files() {
    const COUNT: usize = 100_000;
    let app = directory(&[(
        "app.py",
        &fs_err::read_to_string(crate::support::golden::tests().join("files/app.py")).unwrap(),
    )]);
    for index in 0..COUNT {
        let folder = app.path().join(format!("data/{}", index % 100));
        fs_err::create_dir_all(&folder).unwrap();
        fs_err::write(
            folder.join(format!("{index}.txt")),
            format!("{}", index % 10),
        )
        .unwrap();
    }
    let component = app.path().join("app.wasm");
    let mut build = tool();
    build
        .args([
            "-d",
            "wit/wasi-0.2",
            "-w",
            "wasi:cli/command@0.2.12",
            "componentize",
            "app",
            "-p",
        ])
        .arg(app.path())
        .arg("-o")
        .arg(&component)
        .current_dir(crate::support::golden::root());
    succeeds(&mut build).unwrap();
    let size = fs_err::metadata(&component).unwrap().len();
    let plain = fs_err::metadata(&*PROGRAM).unwrap().len();
    assert!(size < plain + 50 * COUNT as u64, "{size} {plain}");
    let mut run = tool();
    run.arg("run")
        .arg(&component)
        .arg("read /0/data/99/19999.txt / read data/0/100.txt / walk /0/data");
    let output = run.output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(
        lines[..2],
        ["9", "0"],
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(lines[2].matches(".txt").count(), COUNT);
}
