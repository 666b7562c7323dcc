//! A machine with secrets, and an app that tries to get them.

use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fs_err as fs;

/// The marker in files that must not be found, wherever they lie.
pub const SECRET: &str = "the-marker-of-what-is-secret";
/// The marker in files that must be found. Otherwise the search would find nothing at all.
pub const OPEN: &str = "the-marker-of-what-is-not";
pub const SITE_PACKAGES: &str = "venv/lib/python3.14/site-packages";
pub const WIT: &str = "package a:b;\nworld guest { export run: func() -> string; }\n";
pub const CLASS: &str = "import wit_world\n\n\nclass WitWorld(wit_world.WitWorld):\n    def run(self) -> str:\n        return ''\n";

/// Reads everything that it can reach, and prints the secrets in it.
pub const THIEF: &str = r#"
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
pub struct Machine {
    _temporary: tempfile::TempDir,
    pub root: PathBuf,
}

impl Machine {
    pub fn new() -> Self {
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

    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("can be made");
        fs::write(&path, text).expect("can be written");
        path
    }

    pub fn link(&self, path: &str, target: impl AsRef<Path>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("can be made");
        symlink(target, path).expect("can be linked");
    }

    pub fn app(&self, text: &str) {
        self.write("app/app.py", &format!("{text}{CLASS}"));
    }

    pub fn tool(&self, arguments: &[&str]) -> Command {
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

    pub fn run(&self, tool: &mut Command) -> (Output, String) {
        let mut child = tool.spawn().expect("the tool starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        // The tool need not read it.
        let _ = stdin.write_all(SECRET.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("the tool ends");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        (output, message)
    }

    pub fn build(&self, arguments: &[&str]) -> String {
        let (output, message) = self.run(&mut self.tool(arguments));
        assert!(output.status.success(), "{message}");
        message
    }

    /// The message of a build that fails by the user's mistake, without secrets.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let (output, message) = self.run(&mut self.tool(arguments));
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(!message.contains(SECRET), "{message}");
        assert!(!self.root.join("out.wasm").exists());
        message
    }

    /// The markers in the component, plain or compressed.
    pub fn component_holds(&self) -> (bool, bool) {
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
