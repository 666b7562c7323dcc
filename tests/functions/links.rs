//! The sandbox sees only the app's own files. Tries ways in which an app, or a stranger's checkout, may get a file of this
//! machine into the component, and checks the links that are followed.

#![cfg(unix)]

use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fs_err as fs;

/// The marker in files that must not be found, wherever they lie.
const SECRET: &str = "the-marker-of-what-is-secret";
/// The marker in files that must be found. Otherwise the search would find nothing at all.
const OPEN: &str = "the-marker-of-what-is-not";
const SITE_PACKAGES: &str = "venv/lib/python3.14/site-packages";
const WIT: &str = "package a:b;\nworld guest { export run: func() -> string; }\n";
const CLASS: &str = "import wit_world\n\n\nclass WitWorld(wit_world.WitWorld):\n    def run(self) -> str:\n        return ''\n";

/// Reads everything that it can reach, and prints the secrets in it.
const THIEF: &str = r#"
import os
import pkgutil

import lib
import pkg

HERE = os.path.dirname(__file__)
# Backwards, so that the app does not hold them itself.
SECRET = "terces-si-tahw-fo-rekram-eht"
OPEN = "ton-si-tahw-fo-rekram-eht"
tried, stolen, own = [], [], []


def look(name, read):
    tried.append(name)
    try:
        content = read()
    except (OSError, NotImplementedError):
        return
    content = content.decode(errors="replace") if isinstance(content, bytes) else str(content)
    content = content[::-1]
    if SECRET in content:
        stolen.append(name)
    elif OPEN in content:
        own.append(name)


def reading(path):
    def read():
        with open(path, "rb") as file:
            return file.read(100_000)

    return read


def walk(directory, depth):
    try:
        entries = sorted(os.listdir(directory))
    except OSError:
        return
    for entry in entries:
        path = f"{directory}/{entry}"
        if entry == "__pycache__":
            continue
        if os.path.isdir(path) and depth < 4:
            walk(path, depth + 1)
        else:
            look(path, reading(path))
        look(f"link {path}", lambda: os.readlink(path))


walk(HERE, 0)
walk(os.path.dirname(lib.__file__), 0)
for name in "absolute.txt", "environ.txt", "inside.txt":
    look(f"get_data {name}", lambda: pkgutil.get_data("pkg", name))
for path in OUTSIDE, f"{OUTSIDE}/secret.txt", "/etc/passwd", "/proc/self/environ", "/dev/stdin", "/dev/fd/0":
    look(path, reading(path))
for up in range(1, 6):
    for base in HERE, "/0", "/1", ".", "":
        look(f"{base} up {up}", reading(f"{base}/{'../' * up}{OUTSIDE.lstrip('/')}/secret.txt"))
        look(f"{base} beside {up}", reading(f"{base}/{'../' * up}outside/secret.txt"))
for make in os.symlink, os.link:
    for made in f"{HERE}/made", "/made", "/tmp/made", f"{HERE}/pkg/made":
        look(f"made {made}", lambda: make(f"{OUTSIDE}/secret.txt", made) or reading(made)())
look("renamed", lambda: os.rename(f"{HERE}/pkg/absolute.txt", f"{HERE}/pkg/other.txt"))
look("environment", lambda: os.environ)
try:
    descriptor = os.open(HERE, os.O_RDONLY)
    for path in "../outside/secret.txt", "pkg/absolute.txt", f"{OUTSIDE}/secret.txt":
        look(f"at {path}", lambda: os.read(os.open(path, os.O_RDONLY, dir_fd=descriptor), 1000))
except (OSError, NotImplementedError):
    pass
print("stolen:", stolen)
print("own:", len(own), "tried:", len(tried) > 80)
"#;

/// A checkout in one directory, and a machine with secrets around it.
struct Machine {
    _temporary: tempfile::TempDir,
    root: PathBuf,
}

impl Machine {
    fn new() -> Self {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let root = fs::canonicalize(temporary.path()).expect("it is there");
        let machine = Self {
            _temporary: temporary,
            root,
        };
        machine.write("app/wit/world.wit", WIT);
        machine.write(&format!("{SITE_PACKAGES}/lib/__init__.py"), "");
        machine.write("outside/secret.txt", SECRET);
        machine.write("outside/deeper/secret.txt", SECRET);
        machine.write("outside/secret_module.py", &format!("TEXT = '{SECRET}'\n"));
        machine
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("can be made");
        fs::write(&path, text).expect("can be written");
        path
    }

    fn link(&self, path: &str, target: impl AsRef<Path>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("can be made");
        symlink(target, path).expect("can be linked");
    }

    fn app(&self, text: &str) {
        self.write("app/app.py", &format!("{text}{CLASS}"));
    }

    fn tool(&self, arguments: &[&str]) -> Command {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_componentize-py"));
        tool.args(["-v", "componentize", "app", "-o", "../out.wasm"])
            .args(arguments)
            .current_dir(self.root.join("app"))
            .env("VIRTUAL_ENV", self.root.join("venv"))
            .env("A_VARIABLE", SECRET)
            .env("HOME", self.root.join("home"))
            .env_remove("XDG_CACHE_HOME")
            .env_remove("UV_CACHE_DIR")
            .env("PATH", "/nonexistent")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        tool
    }

    fn run(&self, tool: &mut Command) -> (Output, String) {
        let mut child = tool.spawn().expect("the tool starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        // The tool need not read it.
        let _ = stdin.write_all(SECRET.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("the tool ends");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        (output, message)
    }

    fn build(&self, arguments: &[&str]) -> String {
        let (output, message) = self.run(&mut self.tool(arguments));
        assert!(output.status.success(), "{message}");
        message
    }

    /// The message of a build that fails by the user's mistake, without secrets.
    fn refused(&self, arguments: &[&str]) -> String {
        let (output, message) = self.run(&mut self.tool(arguments));
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(!message.contains(SECRET), "{message}");
        assert!(!self.root.join("out.wasm").exists());
        message
    }

    /// The markers in the component, plain or compressed.
    fn component_holds(&self) -> (bool, bool) {
        const SEARCH: &str = "
import sys, zlib
component = open(sys.argv[1], 'rb').read()
texts = [component]
start = component.find(b'\\x78\\x01')
while start >= 0:
    try:
        texts.append(zlib.decompressobj().decompress(component[start:start + 1_000_000]))
    except zlib.error:
        pass
    start = component.find(b'\\x78\\x01', start + 1)
print(*[any(marker.encode() in text for text in texts) for marker in sys.argv[2:]])
";
        let output = Command::new("python3")
            .args(["-c", SEARCH])
            .arg(self.root.join("out.wasm"))
            .args([SECRET, OPEN])
            .output()
            .expect("python3 starts");
        match String::from_utf8_lossy(&output.stdout).trim() {
            "False False" => (false, false),
            "False True" => (false, true),
            "True False" => (true, false),
            "True True" => (true, true),
            other => panic!("{other} {}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

#[test]
fn nothing_of_the_machine_gets_in() {
    let machine = Machine::new();
    let outside = machine.root.join("outside");
    machine.app(&format!("OUTSIDE = {outside:?}\n{THIEF}"));
    machine.write("app/pkg/__init__.py", "");
    machine.write("app/pkg/inside.txt", OPEN);
    machine.write("app/elsewhere/inside.txt", OPEN);
    machine.write("allowed/inside.txt", OPEN);
    let secret = outside.join("secret.txt");
    machine.link("app/pkg/absolute.txt", &secret);
    machine.link("app/pkg/relative.txt", "../../outside/secret.txt");
    machine.link("app/pkg/directory", &outside);
    machine.link("app/pkg/near", "../../outside");
    machine.link("app/pkg/chain.txt", "chain2.txt");
    machine.link("app/pkg/chain2.txt", &secret);
    machine.link("app/pkg/over/chain.txt", "../directory/secret.txt");
    machine.link("app/pkg/environ.txt", "/proc/self/environ");
    machine.link("app/pkg/cwd.txt", "/proc/self/cwd/../outside/secret.txt");
    machine.link("app/pkg/process", "/proc/self");
    machine.link("app/pkg/root", "/");
    machine.link("app/pkg/stdin.txt", "/dev/stdin");
    machine.link("app/pkg/stdin2.txt", "/proc/self/fd/0");
    machine.link("app/pkg/devices", "/dev");
    machine.link("app/pkg/system", "/sys");
    machine.link("app/pkg/loop", ".");
    machine.link("app/pkg/up", "..");
    machine.link("app/pkg/round.txt", "round.txt");
    // A way that leaves the allowed directories and comes back is not allowed either.
    machine.link("outside/back", machine.root.join("app/elsewhere"));
    machine.link("app/pkg/back.txt", outside.join("back/inside.txt"));
    machine.link(&format!("{SITE_PACKAGES}/lib/data.txt"), &secret);
    machine.link(&format!("{SITE_PACKAGES}/lib/all"), &outside);
    // An allowed directory may hold links of its own.
    machine.link("app/pkg/allowed", machine.root.join("allowed"));
    machine.link("allowed/secret.txt", &secret);
    machine.link("allowed/directory", &outside);
    let pipe = machine.root.join("app/pkg/pipe");
    let made = Command::new("mkfifo").arg(pipe).status();
    assert!(made.expect("mkfifo starts").success());
    let _socket =
        std::os::unix::net::UnixListener::bind(machine.root.join("app/pkg/socket")).expect("bound");

    let allowed = machine.root.join("allowed");
    let allowed = allowed.to_str().expect("it is Unicode");
    let message = machine.build(&["--follow-links", allowed]);
    assert!(message.contains("stolen: []\n"), "{message}");
    assert!(message.contains("tried: True\n"), "{message}");
    assert_eq!(machine.component_holds(), (false, true), "{message}");
    assert!(
        message.contains("`pkg/absolute.txt` is left out"),
        "{message}"
    );
}

/// An app that reads a file by its name while being imported is told why it is missing.
#[test]
fn an_app_that_asks_is_told() {
    let machine = Machine::new();
    let outside = machine.root.join("outside");
    machine.write("app/pkg/__init__.py", "");
    machine.link("app/pkg/env.txt", "/proc/self/environ");
    machine.link("app/pkg/late.py", outside.join("secret_module.py"));
    machine.link("app/stolen", &outside);
    machine.link("app/pkg/_native.so", outside.join("secret.txt"));
    machine.link("app/pkg/_other.abi3.so", "/dev/zero");
    let pipe = machine.root.join("app/pkg/pipe.txt");
    let made = Command::new("mkfifo").arg(pipe).status();
    assert!(made.expect("mkfifo starts").success());
    for (app, link, target) in [
        (
            "open(__file__.replace('app.py', 'pkg/env.txt')).read()",
            "pkg/env.txt",
            "/proc/self/environ",
        ),
        (
            "import importlib.resources\nimportlib.resources.files('pkg').joinpath('env.txt').read_text()",
            "pkg/env.txt",
            "/proc/self/environ",
        ),
        ("import pkg.late", "pkg/late.py", "secret_module.py"),
        ("from pkg import late", "pkg/late.py", "secret_module.py"),
        ("import stolen.secret_module", "stolen", "outside"),
        ("import pkg._native", "pkg/_native.so", "secret.txt"),
        ("from pkg import _other", "pkg/_other.abi3.so", "/dev/zero"),
        (
            "open(__file__.replace('app.py', 'pkg/pipe.txt')).read()",
            "pkg/pipe.txt",
            "a named pipe",
        ),
    ] {
        machine.app(&format!("{app}\n"));
        let message = machine.refused(&[]);
        let first = message.lines().find(|line| line.starts_with("error: "));
        let first = first.unwrap_or_else(|| panic!("{message}"));
        assert!(
            first.starts_with(&format!("error: `{link}` is ")),
            "{message}"
        );
        assert!(first.contains(target), "{message}");
    }
    // An app that does without it is built.
    machine.app("try:\n    import pkg.late\nexcept ImportError:\n    pass\n");
    let message = machine.build(&[]);
    let warning = "warning: `pkg/late.py` is left out: it is a link out of the search path, to `";
    assert!(message.contains(warning), "{message}");
    assert_eq!(machine.component_holds(), (false, false));
}

#[test]
fn the_app_may_not_be_a_link_either() {
    let machine = Machine::new();
    machine.link("app/app.py", machine.root.join("outside/secret.txt"));
    let message = machine.refused(&[]);
    assert!(message.contains("error: `app.py` is a link"), "{message}");
    fs::remove_file(machine.root.join("app/app.py")).expect("it is there");
    machine.write("outside/app/__init__.py", CLASS);
    machine.link("app/app", machine.root.join("outside/app"));
    let message = machine.refused(&[]);
    assert!(message.contains("error: `app` is a link"), "{message}");
    machine.build(&["--follow-links", "../outside"]);
}

/// Parsers show lines that they do not understand. None of them may come from secret files.
#[test]
fn wit_and_configurations_print_nothing_secret() {
    let machine = Machine::new();
    machine.app("");
    let secret = machine.root.join("outside/secret.txt");
    machine.link("app/wit/other.wit", &secret);
    let message = machine.refused(&[]);
    assert!(message.contains("wit/other.wit` is a link to"), "{message}");
    fs::remove_file(machine.root.join("app/wit/other.wit")).expect("it is there");
    machine.link("app/wit/deps/other/world.wit", "/proc/self/environ");
    let message = machine.refused(&[]);
    assert!(message.contains("world.wit` is "), "{message}");
    fs::remove_dir_all(machine.root.join("app/wit")).expect("it is there");
    machine.link("app/wit", &secret);
    let message = machine.refused(&[]);
    assert!(message.contains("error: `wit` is a link to"), "{message}");
    fs::remove_file(machine.root.join("app/wit")).expect("it is there");
    // The way in which repositories share WIT.
    machine.write("shared/wit/world.wit", WIT);
    machine.link("app/wit", "../shared/wit");
    machine.build(&[]);
    fs::remove_file(machine.root.join("out.wasm")).expect("it is there");

    machine.link("app/sdk/componentize-py.toml", &secret);
    let message = machine.refused(&["-m", "sdk=guest"]);
    assert!(
        message.contains("componentize-py.toml` is a link"),
        "{message}"
    );
    fs::remove_file(machine.root.join("app/sdk/componentize-py.toml")).expect("it is there");
    machine.link("app/sdk/wit", machine.root.join("outside"));
    for key in ["wit_directory", "bindings"] {
        machine.write("app/sdk/componentize-py.toml", &format!("{key} = 'wit'\n"));
        let message = machine.refused(&["-m", "sdk=guest"]);
        assert!(message.contains("lies outside of the package"), "{message}");
    }
}

/// Nothing is searched behind links that lead out: neither packages nor their parts.
#[test]
fn links_out_are_not_searched() {
    let machine = Machine::new();
    machine.app("");
    machine.write("app/sdk/componentize-py.toml", "wit_directory = 'wit'\n");
    machine.write("app/sdk/wit/world.wit", &WIT.replace("a:b", "a:sdk"));
    machine.write("outside/deeper/componentize-py.toml", "");
    machine.link("app/sdk/all", machine.root.join("outside"));
    machine.build(&["-m", "sdk=guest"]);
    fs::remove_file(machine.root.join("out.wasm")).expect("it is there");
    // A path that is asked for by name is reported as a link.
    machine.link("app/other", machine.root.join("outside/deeper"));
    let message = machine.refused(&["-m", "other=guest"]);
    assert!(
        message.contains("other/componentize-py.toml` is a link"),
        "{message}"
    );
}

/// A checkout may hold an environment, too. Its links and `.pth` files lead nowhere else.
#[test]
fn an_environment_in_the_checkout_is_held_to_it() {
    let machine = Machine::new();
    machine.app(
        "import glob\nfound = [open(f).read() for i in range(5) for f in glob.glob(f'/{i}/secret*')]\nprint('found', len(found))\nX = found\n",
    );
    machine.write("app/.venv/pyvenv.cfg", "home = /usr\n");
    machine.link(
        "app/.venv/lib/python3.14/site-packages",
        machine.root.join("outside"),
    );
    let mut tool = machine.tool(&[]);
    let (output, message) = machine.run(tool.env_remove("VIRTUAL_ENV"));
    assert!(output.status.success(), "{message}");
    assert!(message.contains("found 0\n"), "{message}");
    assert_eq!(machine.component_holds().0, false);
    assert!(message.contains("is skipped"), "{message}");
    // Another environment of this machine. It is used only if the user activates it.
    machine.write("other/pyvenv.cfg", "home = /usr\n");
    let module = "other/lib/python3.14/site-packages/secret.py";
    machine.write(module, &format!("TEXT = '{SECRET}'\n"));
    fs::remove_dir_all(machine.root.join("app/.venv")).expect("it is there");
    machine.link("app/.venv", "../other");
    let mut tool = machine.tool(&[]);
    let (output, message) = machine.run(tool.env_remove("VIRTUAL_ENV"));
    assert!(output.status.success(), "{message}");
    assert!(message.contains("found 0\n"), "{message}");
    assert_eq!(machine.component_holds().0, false);
    let warning = "`.venv` is skipped: it is a link out of the current directory";
    assert!(message.contains(warning), "{message}");
    let mut tool = machine.tool(&[]);
    let (output, message) = machine.run(tool.env("VIRTUAL_ENV", ".venv"));
    assert!(output.status.success(), "{message}");
    assert!(message.contains("found 1\n"), "{message}");
    // An environment of the checkout, under another name.
    machine.write("app/envs/own/pyvenv.cfg", "home = /usr\n");
    let module = "app/envs/own/lib/python3.14/site-packages/secret.py";
    machine.write(module, "TEXT = ''\n");
    fs::remove_file(machine.root.join("app/.venv")).expect("it is there");
    machine.link("app/.venv", "envs/own");
    let mut tool = machine.tool(&[]);
    let (output, message) = machine.run(tool.env_remove("VIRTUAL_ENV"));
    assert!(output.status.success(), "{message}");
    assert!(message.contains("found 1\n"), "{message}");
    assert!(!message.contains("is skipped"), "{message}");
}

/// Each rule of `project/links.rs`, and its reason.
#[test]
fn what_package_managers_link_to_is_followed() {
    let machine = Machine::new();
    machine.app("import linked\nimport linked.deeper.beside\nprint(linked.TEXT)\n");
    for (place, variable) in [
        ("home/.cache/uv/archive-v0/xyz", None),
        ("uv/archive-v0/xyz", Some(("UV_CACHE_DIR", "uv"))),
        ("xdg/uv/archive-v1/xyz", Some(("XDG_CACHE_HOME", "xdg"))),
        ("home/.cache/pdm/packages/xyz", None),
        ("home/.conda/pkgs/xyz", None),
        ("conda/xyz", Some(("CONDA_PKGS_DIRS", "conda"))),
        ("second/xyz", Some(("CONDA_PKGS_DIRS", "first,second"))),
        ("home/.cache/rattler/cache/pkgs/xyz", None),
        ("home/.cache/bazel/_bazel_me/xyz", None),
    ] {
        let package = format!("{place}/linked");
        machine.write(
            &format!("{package}/__init__.py"),
            &format!("TEXT = '{OPEN}'\n"),
        );
        machine.write(&format!("{package}/data.txt"), OPEN);
        machine.write(&format!("{package}/deeper/beside.py"), "");
        let link = format!("{SITE_PACKAGES}/linked");
        machine.link(&link, machine.root.join(&package));
        let mut tool = machine.tool(&[]);
        if let Some((name, value)) = variable {
            let places = value.split(',').map(|place| machine.root.join(place));
            let places = places.map(|place| place.display().to_string());
            tool.env(name, places.collect::<Vec<_>>().join(", "));
        }
        let (output, message) = machine.run(&mut tool);
        assert!(output.status.success(), "{place}: {message}");
        assert!(message.contains(OPEN), "{place}: {message}");
        assert_eq!(machine.component_holds(), (false, true), "{place}");
        assert!(!message.contains("is left out"), "{place}: {message}");
        fs::remove_file(machine.root.join(&link)).expect("it is there");
    }
    // The rest of a cache is not meant.
    let link = format!("{SITE_PACKAGES}/linked");
    machine.write("home/.cache/uv/other/linked/__init__.py", "TEXT = ''\n");
    machine.link(&link, machine.root.join("home/.cache/uv/other/linked"));
    fs::remove_file(machine.root.join("out.wasm")).expect("it is there");
    let message = machine.refused(&[]);
    assert!(
        message.contains("is a link out of the search path"),
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

/// A data file that no component can hold is named before it is read.
#[test]
fn too_much_data_is_named() {
    let machine = Machine::new();
    machine.app("import pkg\n");
    machine.write("app/pkg/__init__.py", "");
    let large = std::fs::File::create(machine.root.join("app/pkg/large.bin")).expect("can be made");
    large.set_len(2 << 30).expect("the file system has holes");
    let message = machine.refused(&[]);
    let error = "error: the package data with `pkg/large.bin` has 2 GiB, and a component holds at most 768 MiB\n";
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
