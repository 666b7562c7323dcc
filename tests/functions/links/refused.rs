//! What is not read, and where nothing is written.

use std::process::Command;

use fs_err as fs;

use super::machine::{Machine, SECRET};

/// A data file that no component can hold is named before it is read.
#[test]
fn too_much_data_is_named() {
    let machine = Machine::new();
    machine.app("import pkg\n");
    machine.write("app/pkg/__init__.py", "");
    let large = std::fs::File::create(machine.root.join("app/pkg/large.bin")).expect("can be made");
    large.set_len(2 << 30).expect("the file system has holes");
    let message = machine.refused(&[]);
    let error =
        "error: the files with `pkg/large.bin` have 2 GiB, and a component holds at most 512 MiB\n";
    assert!(message.contains(error), "{message}");
    large.set_len(10 << 30).expect("the file system has holes");
    machine.app("");
    std::fs::rename(
        machine.root.join("app/pkg/large.bin"),
        machine.root.join("app/app.py"),
    )
    .expect("can be moved");
    let message = machine.refused(&[]);
    assert!(
        message.contains("error: `app.py` is too large: 10 GiB"),
        "{message}"
    );
}

/// A program that opens a named pipe waits until somebody writes into it.
#[test]
fn named_pipes_and_devices_are_refused() {
    let machine = Machine::new();
    machine.app("");
    let fifo = |path: &str| {
        let path = machine.root.join(path);
        let _ = fs::remove_file(&path);
        let made = Command::new("mkfifo").arg(path).status();
        assert!(made.expect("mkfifo starts").success());
    };
    fifo("app/pipe.wit");
    fifo("app/pipe.wasm");
    for arguments in [
        &["-d", "pipe.wit", "bindings", "out"][..],
        &["-d", "pipe.wasm", "bindings", "out"],
        &["-d", "/dev/zero", "bindings", "out"],
        &["run", "pipe.wasm"],
        &["run", "/dev/zero"],
        &["serve", "pipe.wasm"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
            .args(arguments)
            .current_dir(machine.root.join("app"))
            .output()
            .expect("the tool starts");
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        let kind = if arguments.contains(&"/dev/zero") {
            "is a device, not a file"
        } else {
            "is a named pipe, not a file"
        };
        assert!(message.contains(kind), "{arguments:?}: {message}");
    }
    machine.write("app/sdk/__init__.py", "");
    fifo("app/sdk/componentize-py.toml");
    let message = machine.refused(&["-m", "sdk=guest"]);
    assert!(
        message.contains("componentize-py.toml` is a named pipe"),
        "{message}"
    );
    fifo("app/app.py");
    let message = machine.refused(&[]);
    assert!(
        message.contains("error: `app.py` is a named pipe"),
        "{message}"
    );
}

/// Bindings are written into the given directory, and nowhere else.
#[test]
fn bindings_are_not_written_through_links() {
    let machine = Machine::new();
    let bindings = || {
        let output = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
            .args(["bindings", "out"])
            .current_dir(machine.root.join("app"))
            .output()
            .expect("the tool starts");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    // The directory itself may be a link.
    fs::create_dir_all(machine.root.join("real")).expect("can be made");
    machine.link("app/out", "../real");
    machine.link("real/componentize_py_types.py", "../outside/secret.txt");
    let (code, message) = bindings();
    assert_eq!(code, Some(0), "{message}");
    let file = machine.root.join("real/componentize_py_types.py");
    assert!(!file.is_symlink());
    assert!(
        fs::read_to_string(&file)
            .expect("it is there")
            .contains("class Err")
    );
    let secret = fs::read_to_string(machine.root.join("outside/secret.txt"));
    assert_eq!(secret.expect("it is there"), SECRET);
    let before = fs::metadata(&file).expect("it is there").permissions();
    machine.write("real/plain", "");
    let plain = fs::metadata(machine.root.join("real/plain")).expect("it is there");
    assert_eq!(before, plain.permissions());

    fs::remove_dir_all(machine.root.join("real/wit_world")).expect("it is there");
    machine.link("real/wit_world", "../outside/deeper");
    let (code, message) = bindings();
    assert_eq!(code, Some(1), "{message}");
    assert!(
        message.contains("error: cannot write `out/wit_world`"),
        "{message}"
    );
    assert!(!machine.root.join("outside/deeper/__init__.py").exists());
}
