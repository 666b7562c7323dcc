//! Builds that do not go as planned: apps that never end, signals, outputs that are not files, full disks.
//!
//! The app and the world are those of `examples/hello`, unless a test writes another app.

#[cfg(unix)]
mod unix;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A directory with a world, apps, a directory for temporary files, and an empty virtual environment.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new(apps: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = Self { directory };
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello");
        fs::create_dir(place.path("wit")).unwrap();
        for entry in fs::read_dir(example.join("wit")).unwrap() {
            let file = entry.unwrap().path();
            if file.is_file() {
                fs::copy(&file, place.path("wit").join(file.file_name().unwrap())).unwrap();
            }
        }
        fs::copy(example.join("app.py"), place.path("app.py")).unwrap();
        fs::create_dir(place.path("tmp")).unwrap();
        fs::create_dir_all(place.path("venv/lib/python3.14/site-packages")).unwrap();
        for (name, text) in apps {
            fs::write(place.path(name), text).unwrap();
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn prepared(&self, program: &str, arguments: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments.split_whitespace())
            .current_dir(self.directory.path())
            .env("VIRTUAL_ENV", self.path("venv"))
            .env("TMPDIR", self.path("tmp"));
        command
    }

    fn command(&self, arguments: &str) -> Command {
        self.prepared(
            env!("CARGO_BIN_EXE_componentize-py"),
            &format!("-d wit -w hello componentize {arguments}"),
        )
    }

    fn build(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Fails, with the output, unless the build is refused with this message.
    fn refused(&self, arguments: &str, expected: &[&str]) -> String {
        let output = self.build(arguments);
        assert_refused(&output, expected)
    }

    fn temporary(&self) -> Vec<String> {
        names(&self.path("tmp"))
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.collect()
}

fn assert_refused(output: &Output, expected: &[&str]) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    for part in expected {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    text
}

fn assert_built(output: &Output, file: &Path) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert_component(&fs::read(file).unwrap());
}

fn assert_component(bytes: &[u8]) {
    assert!(wasmparser::Parser::is_component(bytes));
    assert!(bytes.len() > 1 << 20, "{} bytes", bytes.len());
    let end = wasmparser::Parser::new(0).parse_all(bytes).last();
    assert!(matches!(end, Some(Ok(wasmparser::Payload::End(_)))));
}

/// Another world has another glue, and the component around all libraries is another one. The libraries are the same.
#[test]
fn libraries_are_compiled_once_for_all_worlds() {
    let bye = "class WitWorld:\n    def bye(self):\n        return 'bye'\n";
    let place = Place::new(&[
        (
            "wit/bye.wit",
            "package example:hello;\nworld bye { export bye: func() -> string; }",
        ),
        ("bye.py", bye),
    ]);
    let cache = place.path("cache");
    fs::create_dir(&cache).unwrap();
    let mut entries = BTreeSet::new();
    let mut new_entries = |world: &str, app: &str| {
        let arguments = format!("-d wit -w {world} componentize {app} -o {app}.wasm");
        let mut tool = place.prepared(env!("CARGO_BIN_EXE_componentize-py"), &arguments);
        let output = tool.env("COMPONENTIZE_PY_CACHE", &cache).output().unwrap();
        assert_built(&output, &place.path(&format!("{app}.wasm")));
        let before = entries.len();
        entries.extend(names(&cache.join("componentize-py/compiled")));
        entries.len() - before
    };
    let first = new_entries("hello", "app");
    assert!(first > 5, "{first} entries");
    assert_eq!(new_entries("hello", "app"), 0);
    assert_eq!(new_entries("bye", "bye"), 2);
}

const LOOP: &str = "while True:\n    pass\n";
const CLASS: &str = "import wit_world\nclass WitWorld(wit_world.WitWorld):\n    def hello(self, name):\n        return name\n";

#[test]
fn what_never_ends_is_named() {
    let class = format!("{CLASS}    def __init__(self):\n        while True:\n            pass\n");
    let constant = format!("{CLASS}\ndef late():\n    import slow\n");
    let cases = [
        ("looping", LOOP.to_owned(), "the import of `looping`"),
        (
            "nested",
            "import json\nimport inner.deep\n".to_owned(),
            "the import of `inner.deep`",
        ),
        (
            "sleeping",
            "import time\ntime.sleep(10_000)\n".to_owned(),
            "the import of `sleeping`",
        ),
        (
            "regex",
            "import json, re\nre.match('(a+)+$', 'a' * 64 + 'b')\n".to_owned(),
            "the import of `regex`",
        ),
        (
            "outer",
            format!("import fine\n{LOOP}"),
            // The inner import is over.
            "the import of `outer`",
        ),
        ("constructor", class, "the construction of class `WitWorld`"),
        ("late", constant, "the compilation of `slow`"),
    ];
    // The most operands that the compiler folds, each of them slowly.
    let slow = format!("x = [{}]\n", "0xf ** 8000 % 7, ".repeat(600_000));
    let place = Place::new(&[("fine.py", "x = 1\n"), ("slow.py", &slow)]);
    fs::create_dir(place.path("inner")).unwrap();
    fs::write(place.path("inner/__init__.py"), "").unwrap();
    fs::write(place.path("inner/deep.py"), LOOP).unwrap();
    for (name, text, activity) in cases {
        fs::write(place.path(&format!("{name}.py")), text).unwrap();
        let start = Instant::now();
        let expected = [
            &*format!("app module `{name}` was not imported within 4 seconds: {activity}"),
            "--timeout",
        ];
        place.refused(&format!("{name} --timeout 4 -o app.wasm"), &expected);
        assert!(start.elapsed() < Duration::from_secs(60), "{name}");
        assert!(!place.path("app.wasm").exists());
        assert_eq!(place.temporary(), Vec::<String>::new());
    }
}

#[test]
fn a_limit_that_is_not_hit_changes_nothing() {
    let place = Place::new(&[]);
    let built = ["", "--timeout 0", "--timeout 100 --max-memory 1GiB"].map(|options| {
        let output = place.build(&format!("app {options} -o app.wasm"));
        assert_built(&output, &place.path("app.wasm"));
        fs::read(place.path("app.wasm")).unwrap()
    });
    assert!(built[0] == built[1]);
    assert!(built[0] == built[2]);
}

#[test]
fn memory_has_a_limit() {
    let place = Place::new(&[
        ("large.py", "import inner\n"),
        ("inner.py", "text = 'a'\nwhile True:\n    text += text\n"),
        (
            "small.py",
            "items = []\nwhile True:\n    items.append([1] * 100)\n",
        ),
    ]);
    let expected = [
        "app module `large` needed more memory than 200 MiB: the import of `inner`",
        "inner.py\", line 3",
        "--max-memory",
    ];
    place.refused("large --max-memory 200MiB", &expected);
    let expected = ["app module `small` needed more memory than 200 MiB: the import of `small`"];
    place.refused("small --max-memory 200MiB", &expected);
    place.refused("app --max-memory 1MiB", &["needed more memory than 1 MiB"]);
}

/// Hosts read no module of more than 1 GiB, and would refuse it only after the build.
#[test]
fn what_no_host_reads_is_not_built() {
    let large = format!("{CLASS}DATA = bytes(range(1, 256)) * (1030 * 2**20 // 255)\n");
    let place = Place::new(&[("large.py", &large)]);
    let expected = [
        "error: the component with all that the app has in memory is too large: 10",
        " MiB, and hosts take at most 1024 MiB\n",
        "hint: the app's top level runs while",
        "`--report`",
    ];
    place.refused("large -o app.wasm", &expected);
    assert!(!place.path("app.wasm").exists());
    assert_eq!(place.temporary(), Vec::<String>::new());
}

#[test]
fn temporary_directories_that_cannot_be_used() {
    let place = Place::new(&[("file", "")]);
    for (name, reason) in [("missing", "not found"), ("file", "not a directory")] {
        let mut command = place.command("app");
        let output = command.env("TMPDIR", place.path(name)).output().unwrap();
        let text = assert_refused(
            &output,
            &["cannot use the directory for temporary files", "`TMPDIR`"],
        );
        assert!(text.contains(name), "{text}");
        assert!(text.contains(reason), "{text}");
    }
}

#[test]
fn links_stay_links() {
    let place = Place::new(&[]);
    fs::create_dir(place.path("to")).unwrap();
    fs::write(place.path("to/target.wasm"), "old").unwrap();
    let link = |target: &str, name: &str| {
        #[cfg(unix)]
        std::os::unix::fs::symlink(target, place.path(name)).unwrap();
    };
    if cfg!(not(unix)) {
        return;
    }
    for (name, target) in [
        ("link.wasm", "to/target.wasm"),
        ("second.wasm", "link.wasm"),
        ("dangling.wasm", "to/new.wasm"),
    ] {
        link(target, name);
        let output = place.build(&format!("app -o {name}"));
        assert_built(&output, &place.path(name));
        assert!(place.path(name).is_symlink(), "{name}");
    }
    assert_component(&fs::read(place.path("to/new.wasm")).unwrap());
    assert_eq!(names(&place.path("to")).len(), 2);
    link("round.wasm", "round.wasm");
    place.refused("app -o round.wasm", &["cannot write `round.wasm`"]);
}

#[test]
fn standard_output_gets_the_component_and_nothing_else() {
    let place = Place::new(&[]);
    let names: &[&str] = match cfg!(unix) {
        true => &["-", "/dev/stdout", "/dev/fd/1"],
        false => &["-"],
    };
    for name in names {
        let output = place.build(&format!("app -o {name}"));
        assert!(output.status.success());
        assert_component(&output.stdout);
        assert!(output.stderr.is_empty());
    }
    assert!(!place.path("-").exists());
    place.refused("app -o - --report", &["cannot both go to standard output"]);
}
