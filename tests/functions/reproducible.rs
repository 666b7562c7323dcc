//! The same inputs give the same bytes, wherever and whenever they are built, and the bytes contain nothing about the
//! machine that built them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use wasmparser::{KnownCustom, Name, Parser, Payload};

const WIT: &str = "package example:hello;

world hello {
  export greet: func(name: string) -> string;
}
";

const APP: &str = "import os
import random
import time
import uuid

import wit_world
from words import GREETINGS

STARTED = time.time(), time.monotonic(), uuid.uuid4(), random.random()
SOURCES = {os.stat(__file__), *os.scandir(os.path.dirname(__file__))}


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        return f\"{sorted(GREETINGS)[0]}, {name}! {hash(name)}\"
";

fn write_app(directory: &Path) {
    fs::create_dir_all(directory.join("wit")).unwrap();
    fs::write(directory.join("wit/world.wit"), WIT).unwrap();
    fs::write(directory.join("app.py"), APP).unwrap();
    fs::write(
        directory.join("words.py"),
        "GREETINGS = {\"Hello\", \"Salut\", \"Ciao\"}\n",
    )
    .unwrap();
}

fn run(directory: &Path, arguments: &[&str]) {
    run_with_cache(directory, arguments, None);
}

fn run_with_cache(directory: &Path, arguments: &[&str], cache: Option<&Path>) {
    // An empty virtual environment keeps what this machine has installed out of the test.
    let environment = directory.parent().unwrap().join("venv");
    fs::create_dir_all(environment.join("lib/python3.14/site-packages")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_componentize-py"));
    if let Some(cache) = cache {
        command.env("COMPONENTIZE_PY_CACHE", cache);
    }
    let output = command
        .args(arguments)
        .current_dir(directory)
        .env("VIRTUAL_ENV", &environment)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn components_are() {
    let temporary = tempfile::tempdir().unwrap();
    let here = temporary.path().join("here");
    write_app(&here);
    run(&here, &["componentize", "app", "-o", "app.wasm"]);
    let first = fs::read(here.join("app.wasm")).unwrap();

    // Another place, other times, files that the build or other interpreters leave behind, another order.
    let there = temporary.path().join("some/where/else");
    fs::create_dir_all(there.join("__pycache__")).unwrap();
    fs::write(
        there.join("__pycache__/words.cpython-314.pyc"),
        "not bytecode",
    )
    .unwrap();
    fs::write(there.join("app.wasm"), "what was there").unwrap();
    fs::write(there.join("words.py"), "").unwrap();
    write_app(&there);
    let long_ago = SystemTime::now() - Duration::from_secs(100_000_000);
    fs::File::options()
        .write(true)
        .open(there.join("app.py"))
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    run(&there, &["componentize", "app", "-o", "app.wasm"]);
    let second = fs::read(there.join("app.wasm")).unwrap();
    assert!(first == second, "the same inputs gave different bytes");

    for private in [
        temporary.path(),
        Path::new(env!("CARGO_MANIFEST_DIR")),
        Path::new("/root/"),
    ] {
        let private = private.as_os_str().as_encoded_bytes();
        let found = first.windows(private.len()).any(|window| window == private);
        assert!(
            !found,
            "the component holds `{}`",
            String::from_utf8_lossy(private)
        );
    }
}

/// Code kept from an earlier build is used, also for another app of the same world, and does no harm if it is damaged.
#[test]
fn kept_code_makes_no_difference() {
    let temporary = tempfile::tempdir().unwrap();
    let (directory, cache) = (temporary.path().join("app"), temporary.path().join("cache"));
    write_app(&directory);
    let kept = || {
        let entries = fs::read_dir(cache.join("componentize-py/compiled")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        BTreeMap::from_iter(paths.map(|path| (path.clone(), fs::read(path).unwrap())))
    };
    let build = || {
        let arguments = ["componentize", "app", "-o", "app.wasm"];
        run_with_cache(&directory, &arguments, Some(&cache));
        fs::read(directory.join("app.wasm")).unwrap()
    };
    let first = build();
    // The libraries, and the component around them.
    let code = kept();
    assert!(code.len() > 5, "{} entries", code.len());
    assert!(build() == first);

    fs::write(directory.join("words.py"), "GREETINGS = {\"Servus\"}\n").unwrap();
    assert!(build() != first);
    assert!(kept() == code, "the code depends on the app");

    write_app(&directory);
    for (path, code) in &code {
        fs::write(path, &code[..code.len() / 2]).unwrap();
    }
    assert!(build() == first);
    assert!(kept() == code, "it is made anew");
}

/// Names serve profilers and backtraces, and would cost everybody else a megabyte.
#[test]
fn names_are_kept_on_request() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().join("app");
    write_app(&directory);
    let name_of_a_c_function = |options: &[&str]| {
        let build = ["componentize", "app", "-o", "app.wasm"];
        run(&directory, &[&build, options].concat());
        let component = fs::read(directory.join("app.wasm")).unwrap();
        let (mut modules, mut found) = (0, false);
        for payload in Parser::new(0).parse_all(&component) {
            match payload.unwrap() {
                Payload::ModuleSection { .. } => modules += 1,
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(names) = section.as_known() else {
                        continue;
                    };
                    for name in names {
                        if let Name::Function(functions) = name.unwrap() {
                            found |= functions
                                .into_iter()
                                .any(|naming| naming.unwrap().name == "PyObject_Vectorcall");
                        }
                    }
                }
                _ => {}
            }
        }
        // The application, and the modules with which the Component Model ties it to its imports.
        assert_eq!(modules, 6);
        found
    };
    assert!(!name_of_a_c_function(&[]));
    assert!(name_of_a_c_function(&["--keep-names"]));
}

#[test]
fn bindings_are() {
    let temporary = tempfile::tempdir().unwrap();
    let texts = ["here", "there"].map(|name| {
        let directory = temporary.path().join(name);
        write_app(&directory);
        run(&directory, &["bindings", "out"]);
        // A second run writes over the first.
        run(&directory, &["bindings", "out"]);
        fs::read_to_string(directory.join("out/wit_world/__init__.py")).unwrap()
    });
    assert_eq!(texts[0], texts[1]);
}

/// Two applications do not share the seed of string hashes, so that nobody can prepare keys that collide in all apps.
#[test]
fn hash_seeds_differ_between_apps() {
    let temporary = tempfile::tempdir().unwrap();
    let hash_of = |name: &str, remark: &str| {
        let directory = temporary.path().join(name);
        write_app(&directory);
        // A build that fails shows the app's output.
        let app = format!("{remark}\nprint(hash(\"spam\"))\nraise SystemExit\n");
        fs::write(directory.join("app.py"), app).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
            .args(["componentize", "app"])
            .current_dir(&directory)
            .env("VIRTUAL_ENV", temporary.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stderr).unwrap();
        let number = text
            .lines()
            .find_map(|line| line.trim().parse::<i64>().ok());
        number.unwrap_or_else(|| panic!("no hash in {text}"))
    };
    let first = hash_of("first", "# one");
    assert_eq!(first, hash_of("again", "# one"));
    assert_ne!(first, hash_of("second", "# two"));
}

/// Files beside the app that nobody asks for leave no trace.
#[test]
fn unrelated_files_make_no_difference() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().join("app");
    write_app(&directory);
    let app = "import email.message\nimport words\nimport wit_world\n\n\nclass WitWorld(wit_world.WitWorld):\n    def greet(self, name: str) -> str:\n        return name\n";
    fs::write(directory.join("app.py"), app).unwrap();
    let build = || {
        let exclude = ["notes-*", "another.py", "tests"].map(|pattern| ["--exclude", pattern]);
        let build = ["componentize", "app", "-o", "app.wasm"];
        run(&directory, &[&build[..], exclude.as_flattened()].concat());
        fs::read(directory.join("app.wasm")).unwrap()
    };
    let first = build();
    fs::rename(directory.join("app.wasm"), directory.join("older.wasm")).unwrap();
    for index in 0..2_000 {
        fs::write(directory.join(format!("notes-{index}.txt")), "unrelated").unwrap();
    }
    fs::write(directory.join("another.py"), "import nowhere\n").unwrap();
    fs::create_dir_all(directory.join("tests/data")).unwrap();
    fs::write(directory.join("tests/data/file.txt"), "unrelated").unwrap();
    assert!(build() == first, "files beside the app are seen");
}

/// Nor do installed packages that the app does not ask for, either during its import or later.
#[test]
fn unrelated_packages_make_no_difference() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().join("app");
    let installed = temporary.path().join("venv/lib/python3.14/site-packages");
    write_app(&directory);
    let app = "import email.message\nimport importlib.metadata\nimport importlib.resources\n\nimport used\nimport wit_world\n\nTEXT = importlib.resources.read_text(\"used\", \"data.txt\")\n\n\nclass WitWorld(wit_world.WitWorld):\n    def greet(self, name: str) -> str:\n        import late\n\n        return late.__name__ + TEXT\n";
    fs::write(directory.join("app.py"), app).unwrap();
    let install = |package: &str, text: &str| {
        fs::create_dir_all(installed.join(package).join("inner")).unwrap();
        fs::write(installed.join(package).join("__init__.py"), text).unwrap();
        fs::write(installed.join(package).join("inner/__init__.py"), "").unwrap();
        fs::write(installed.join(package).join("data.txt"), package).unwrap();
        let metadata = installed.join(format!("{package}-1.0.dist-info"));
        fs::create_dir_all(&metadata).unwrap();
        let text = format!("Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n");
        fs::write(metadata.join("METADATA"), text).unwrap();
    };
    let build = || {
        run(
            &directory,
            &[
                "-d",
                "wit",
                "-w",
                "hello",
                "componentize",
                "app",
                "-o",
                "app.wasm",
            ],
        );
        fs::read(directory.join("app.wasm")).unwrap()
    };
    install("used", "from . import inner\n");
    install("late", "import used.inner\n");
    let first = build();
    for index in 0..200 {
        install(&format!("unrelated{index}"), "import nowhere\n");
        fs::write(installed.join(format!("a_module{index}.py")), "").unwrap();
    }
    // Files that would be read if they were asked for: compiled code, WIT, directories with names of the standard library.
    fs::write(
        installed.join("_fast.cpython-314-x86_64-linux-gnu.so"),
        "machine code",
    )
    .unwrap();
    fs::write(installed.join("_broken.so"), "no library").unwrap();
    let sdk = installed.join("unrelated0");
    fs::create_dir_all(sdk.join("wit")).unwrap();
    fs::write(sdk.join("wit/world.wit"), "package a:sdk;\nworld sdk {}\n").unwrap();
    fs::write(
        sdk.join("componentize-py.toml"),
        "wit_directory = \"wit\"\n",
    )
    .unwrap();
    fs::create_dir_all(installed.join("email/mime")).unwrap();
    fs::write(installed.join("coverage.pth"), "import unrelated1\n").unwrap();
    assert!(build() == first, "packages that nobody asks for are seen");
}
