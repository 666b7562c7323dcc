//! Strangers' text on a terminal: the program prints nothing that a terminal would obey or a reader could not see, whichever
//! name, file or message of the input contained it.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::components::{tiny, tool};

/// An escape sequence, a bell, an override of the writing direction, a zero-width space and a C1 control.
const HOSTILE: &str = "\u{1b}[31m\u{7}\u{202e}\u{200b}\u{9b}";
const SPELLED_OUT: &str = "\\u001b[31m\\u0007\\u202e\\u200b\\u009b";

const WIT: &str = "package a:b;\nworld w { export run: func(); }\n";

/// The hostile text in the text format of WebAssembly.
fn in_wat() -> String {
    let spelled_out = |c: char| format!("\\u{{{:x}}}", u32::from(c));
    HOSTILE.chars().map(spelled_out).collect()
}

/// The program's output, in which nothing may be hostile, and its exit code.
#[track_caller]
fn printed(output: &Output) -> (String, i32) {
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    let text = String::from_utf8(both).expect("it is text");
    let is_hostile =
        |c: &char| (c.is_control() && !"\n\t".contains(*c)) || HOSTILE[5..].contains(*c);
    assert_eq!(text.chars().find(is_hostile), None, "in: {text:?}");
    (text, output.status.code().expect("no signal ended it"))
}

/// Writes these files, runs the program beside them, and returns its output, which must contain `expected`.
#[track_caller]
fn refused(files: &[(&str, &str)], arguments: &[&str], expected: &str) {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), files);
    let output = run(directory.path(), arguments);
    let (text, code) = printed(&output);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(expected), "no `{expected}` in: {text}");
}

fn write(directory: &Path, files: &[(&str, &str)]) {
    for (name, content) in files {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().expect("it is in a directory")).unwrap();
        fs::write(path, content).unwrap();
    }
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut tool = tool();
    tool.current_dir(directory).args(arguments);
    tool.output().expect("it starts")
}

#[test]
fn names_in_the_configuration_of_a_package() {
    // TOML has escapes for all of these characters.
    let toml = r#""\u001b[31m\u0007\u202e\u200b\u009b""#;
    let refused = |config: &str, expected: &str| {
        let files = [
            ("app.py", "import sdk\n"),
            ("deps/sdk/__init__.py", ""),
            ("deps/sdk/componentize-py.toml", config),
        ];
        let arguments = ["-w", "w", "componentize", "app", "-p", ".", "-p", "deps"];
        refused(&files, &arguments, expected);
    };
    let key = format!("has an unknown key `{SPELLED_OUT}`");
    refused(&format!("{toml} = 1\n"), &key);
    let value = format!("names `{SPELLED_OUT}`, which is not a directory");
    refused(&format!("wit_directory = {toml}\n"), &value);
    // The parser quotes from a file that is not TOML.
    refused(&format!("x = {HOSTILE}\n"), SPELLED_OUT);
}

#[test]
fn names_of_files() {
    let app = [("app.py", ""), ("wit/world.wit", WIT)];
    let inside = format!("{HOSTILE}/out.wasm");
    let arguments = ["componentize", "app", "-o", &inside];
    let beside = [("app.py", ""), ("wit/world.wit", WIT), (HOSTILE, "")];
    refused(&beside, &arguments, SPELLED_OUT);
    refused(&app, &["-d", HOSTILE, "componentize", "app"], SPELLED_OUT);
    refused(&app, &["componentize", HOSTILE], SPELLED_OUT);
    refused(&app, &["componentize", "app", "-p", HOSTILE], SPELLED_OUT);
    refused(&[], &["run", HOSTILE], SPELLED_OUT);
    refused(&[], &["serve", HOSTILE], SPELLED_OUT);
    refused(&[(HOSTILE, "")], &["run", HOSTILE], SPELLED_OUT);
}

#[test]
fn names_cannot_pose_as_messages() {
    let name = "x`\nerror: all is lost\nhint: run this";
    let output = run(Path::new("."), &["run", name]);
    let (text, _) = printed(&output);
    let messages = |label| text.lines().filter(move |line| line.starts_with(label));
    assert_eq!(messages("error:").count(), 1, "{text}");
    assert_eq!(messages("hint:").count(), 1, "{text}");
    let raise = "raise ValueError('\\nerror: all is lost\\nhint: run this')\n";
    let files = [("app.py", raise), ("wit/world.wit", WIT)];
    let expected = "\nValueError: \n    error: all is lost\n    hint: run this\n";
    refused(&files, &["componentize", "app"], expected);
}

#[test]
fn wit_that_cannot_be_parsed() {
    let wit = format!("package a:b;\nworld w {{ import {HOSTILE}; }}\n");
    let files = [("app.py", ""), ("wit/world.wit", wit.as_str())];
    refused(&files, &["componentize", "app"], "\\u001b");
    refused(&files, &["bindings", "out"], "\\u001b");
    let wit = format!("package a:b;\nworld w {{ /* {HOSTILE} */ import 1; }}\n");
    let files = [("app.py", ""), ("wit/world.wit", wit.as_str())];
    refused(&files, &["componentize", "app"], SPELLED_OUT);
}

#[test]
fn exceptions_of_an_app_and_what_it_prints() {
    let raise = format!("raise ValueError('''{HOSTILE}''')\n");
    let files = [("app.py", raise.as_str()), ("wit/world.wit", WIT)];
    refused(&files, &["componentize", "app"], "ValueError: \\u001b[31m");
    // CPython itself escapes characters beyond ASCII.
    let raise = "raise ValueError('\\x1b[31m \\ud800 \\u202e')\n";
    let files = [("app.py", raise), ("wit/world.wit", WIT)];
    refused(
        &files,
        &["componentize", "app"],
        "ValueError: \\u001b[31m \\ud800",
    );
    let print = format!("print('''{HOSTILE}''')\n1 / 0\n");
    let files = [("app.py", print.as_str()), ("wit/world.wit", WIT)];
    refused(&files, &["-v", "componentize", "app"], "ZeroDivisionError");
    let syntax = format!("x = '{HOSTILE}' 1\n");
    let files = [("app.py", syntax.as_str()), ("wit/world.wit", WIT)];
    refused(&files, &["componentize", "app"], "SyntaxError");
    let import = format!("__import__('''{HOSTILE}''')\n");
    let files = [("app.py", import.as_str()), ("wit/world.wit", WIT)];
    refused(&files, &["componentize", "app"], "\\u001b[31m");
}

#[test]
fn names_of_and_in_libraries() {
    let refused = |text: &str| {
        let directory = tempfile::tempdir().unwrap();
        let files = [("app.py", "import _ext\n"), ("wit/world.wit", WIT)];
        write(directory.path(), &files);
        let library = wat::parse_str(text).expect("it is WebAssembly");
        fs::write(directory.path().join("_ext.so"), library).unwrap();
        let output = run(directory.path(), &["componentize", "app"]);
        let (text, code) = printed(&output);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(SPELLED_OUT), "{text}");
    };
    let init = "(func (export \"PyInit__ext\") (result i32) i32.const 0)";
    let name = in_wat();
    refused(&format!(
        "(module (@dylink.0 (mem-info) (needed \"{name}.so\")) {init})"
    ));
    let import = format!("(import \"env\" \"{name}\" (func))");
    refused(&format!("(module (@dylink.0 (mem-info)) {import} {init})"));
    let import = format!("(import \"GOT.mem\" \"{name}\" (global (mut i32)))");
    refused(&format!("(module (@dylink.0 (mem-info)) {import} {init})"));
}

#[test]
fn libraries_that_an_app_does_without() {
    let directory = tempfile::tempdir().unwrap();
    let package = directory.path().join("deps").join("pkg");
    let app = "import wit_world\ntry:\n    import pkg._ext\nexcept ImportError:\n    pass\n\n\nclass WitWorld(wit_world.WitWorld):\n    def run(self) -> None:\n        pass\n";
    write(
        directory.path(),
        &[
            ("app.py", app),
            ("wit/world.wit", WIT),
            ("deps/pkg/__init__.py", ""),
        ],
    );
    let name = in_wat();
    let text = format!(
        "(module (@dylink.0 (mem-info) (needed \"{name}.so\")) (func (export \"PyInit__ext\") (result i32) i32.const 0))"
    );
    fs::write(package.join("_ext.so"), wat::parse_str(text).unwrap()).unwrap();
    let arguments = ["componentize", "app", "-p", ".", "-p", "deps"];
    let (text, code) = printed(&run(directory.path(), &arguments));
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("warning: ") && text.contains(SPELLED_OUT),
        "{text}"
    );
}

#[test]
fn names_in_components() {
    let name = in_wat();
    let core = "(core module $m (func (export \"f\"))) (core instance $i (instantiate $m))";
    let function = "(func $f (canon lift (core func $i \"f\")))";
    let program = tiny(
        "hostile-export",
        &format!("(component {core} {function} (export \"{name}\" (func $f)))"),
    );
    for command in ["run", "serve"] {
        refused(&[], &[command, program.to_str().unwrap()], "\\u001b");
    }
}

#[test]
fn command_lines() {
    let directory = tempfile::tempdir().unwrap();
    for arguments in [
        ["--world-module", "x", HOSTILE],
        ["componentize", "app", "--\u{1b}[31m\u{202e}"],
        ["run", "--timeout", HOSTILE],
        ["serve", "--addr", HOSTILE],
    ] {
        let (text, code) = printed(&run(directory.path(), &arguments));
        assert_eq!(code, 2, "{text}");
        // The command line's parser omits escape sequences.
        assert!(text.contains("\\u202e"), "{text}");
    }
}

#[test]
fn reports() {
    let directory = tempfile::tempdir().unwrap();
    let app = "import pkg\nimport wit_world\n\n\nclass WitWorld(wit_world.WitWorld):\n    def run(self) -> None:\n        pass\n";
    let data = format!("pkg/{HOSTILE}.txt");
    write(
        directory.path(),
        &[
            ("app.py", app),
            ("wit/world.wit", WIT),
            ("pkg/__init__.py", ""),
            (&data, "data"),
        ],
    );
    let (text, code) = printed(&run(directory.path(), &["componentize", "app", "--report"]));
    assert_eq!(code, 0, "{text}");
    let output = run(directory.path(), &["componentize", "app", "--report=json"]);
    assert_eq!(printed(&output).1, 0);
    // Programs that read the JSON get the original name.
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert!(
        json.to_string()
            .contains("\\u0007\u{202e}\u{200b}\u{9b}.txt"),
        "{json}"
    );
}

/// A program's own output during `run` is not changed.
#[test]
fn programs_print_what_they_like() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().unwrap();
    let app = format!(
        "import sys\nfrom wit_world import exports\n\n\nclass Run(exports.Run):\n    def run(self) -> None:\n        print('''{HOSTILE}''')\n        print('''{HOSTILE}''', file=sys.stderr)\n"
    );
    write(directory.path(), &[("app.py", &app)]);
    let mut build = tool();
    build
        .current_dir(directory.path())
        .arg("-d")
        .arg(root.join("wit/wasi-0.2"));
    build.args([
        "-w",
        "wasi:cli/command@0.2.12",
        "componentize",
        "app",
        "-o",
        "app.wasm",
    ]);
    let built = build.output().unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let output = run(directory.path(), &["run", "app.wasm"]);
    assert_eq!(output.stdout, format!("{HOSTILE}\n").as_bytes());
    assert_eq!(output.stderr, format!("{HOSTILE}\n").as_bytes());
}
