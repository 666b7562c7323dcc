//! TLS in components whose world has sockets: the standard library's, and that of clients from PyPI, unchanged.
//!
//! A case is a directory of `tests/tls`: `app.py`, `requirements.txt` (optional), and `calls.txt` with the names of functions, one a
//! line. `program.py` runs these in a component for `wasi:cli/command`, `servers.py` has the other ends of their connections, and
//! `expected/stdout` what they return.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use libtest_mimic::Trial;

use crate::support::command::{succeeds, text};
use crate::support::components::tool;
use crate::support::golden::{Case, Files, root, tests};
use crate::support::peer::Peer;
use crate::support::suite::Suite;
use crate::support::{environment, python_venv};

const WORLD: &str = "wasi:cli/command@0.2.12";
/// Makes the servers' certificates.
const CERTIFICATES: [&str; 5] = [
    "trustme==1.2.1",
    "cryptography==50.0.2",
    "cffi==2.1.1",
    "idna==3.20",
    "pycparser==3.12",
];

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("tls");
    for case in Case::all("tls") {
        suite.sampled(!case.is_long(), case.name(), move || run(&case));
    }
    suite.test("random_numbers_are_not_in_the_component", random_numbers);
    suite.test("without_ssl_there_is_no_openssl", without_ssl);
    suite.trials()
}

fn run(case: &Case) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let app = directory.path().join("app");
    fs_err::create_dir(&app)?;
    for (from, name) in [
        (case.path("app.py"), "app.py"),
        (tests().join("tls/program.py"), "program.py"),
    ] {
        fs_err::copy(from, app.join(name))?;
    }
    let requirements = case.lines("requirements.txt");
    let component = componentize(&app, &requirements)?;
    let servers = Servers::start()?;
    let output = succeeds(servers.command(&component).args(case.lines("calls.txt")))?;
    let mut found = text(&output.stdout);
    for (name, port) in servers.ports.iter().filter_map(|port| port.split_once('=')) {
        found = found.replace(&format!(":{port}"), &format!(":{name}"));
    }
    case.check(&Files::from([("stdout".to_owned(), found)]))
}

fn componentize(app: &Path, requirements: &[String]) -> Result<PathBuf> {
    let component = app.with_extension("wasm");
    let mut command = tool();
    if !requirements.is_empty() {
        let packages: Vec<&str> = requirements.iter().map(String::as_str).collect();
        let python = python_venv(&packages);
        command.env("VIRTUAL_ENV", environment(&python));
    }
    command
        .arg("-d")
        .arg(root().join("wit/wasi-0.2"))
        .args(["-w", WORLD, "componentize", "app", "-p"])
        .arg(app)
        .arg("-o")
        .arg(&component);
    succeeds(&mut command)?;
    Ok(component)
}

/// A running `servers.py`.
struct Servers {
    certificates: tempfile::TempDir,
    /// `NAME=PORT`, for the component's environment.
    ports: Vec<String>,
    _process: Peer,
}

impl Servers {
    fn start() -> Result<Self> {
        let certificates = tempfile::tempdir()?;
        let mut command = Command::new(python_venv(&CERTIFICATES));
        command
            .arg(tests().join("tls/servers.py"))
            .arg(certificates.path());
        let (process, line) = Peer::start(&mut command)?;
        let ports: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        ensure!(!ports.is_empty(), "the servers have not started");
        Ok(Self {
            certificates,
            ports,
            _process: process,
        })
    }

    /// `run` with what the component may use; its arguments are still missing.
    fn command(&self, component: &Path) -> Command {
        let mut command = tool();
        let certificates = format!("{}::/certificates:ro", self.certificates.path().display());
        command.args([
            "run",
            "--network",
            "--timeout",
            "300",
            "--dir",
            &certificates,
        ]);
        for port in &self.ports {
            command.args(["--env", port]);
        }
        command.arg(component);
        command
    }
}

/// What two instances print differs, but for the last line: it was drawn at build time, by the application itself.
fn random_numbers() -> Result<()> {
    let (_directory, component) = single("secrets_of_two.py")?;
    let servers = Servers::start()?;
    let print = || -> Result<Vec<String>> {
        let output = succeeds(&mut servers.command(&component))?;
        Ok(text(&output.stdout).lines().map(str::to_owned).collect())
    };
    let (one, other) = (print()?, print()?);
    ensure!(one.len() == 4 && other.len() == 4, "{one:?} {other:?}");
    ensure!(one[3] == other[3], "{one:?} {other:?}");
    for (one, other) in one.iter().zip(&other).take(3) {
        ensure!(one.len() >= 32 && one != other, "{one} is in both");
    }
    Ok(())
}

/// OpenSSL is in a component only if its world has sockets and it imports `ssl`.
fn without_ssl() -> Result<()> {
    const APP: &str = "import hashlib, socket, urllib.parse\nfrom wit_world import exports\n";
    // One of OpenSSL's messages.
    const MARK: &[u8] = b"unable to get local issuer certificate";
    for (world, import, expected) in [
        (WORLD, "", false),
        (WORLD, "import ssl\n", true),
        (WORLD, "def later():\n    import ssl\n", true),
        ("wasi:http/proxy@0.2.12", "import ssl\n", false),
    ] {
        let class = if world == WORLD {
            "Run"
        } else {
            "IncomingHandler"
        };
        let method = if world == WORLD {
            "run(self)"
        } else {
            "handle(self, request, response)"
        };
        let text = format!(
            "{import}{APP}class {class}(exports.{class}):\n    def {method}:\n        hashlib.md5()\n"
        );
        let directory = tempfile::tempdir()?;
        fs_err::write(directory.path().join("app.py"), text)?;
        let component = directory.path().join("app.wasm");
        succeeds(
            tool()
                .arg("-d")
                .arg(root().join("wit/wasi-0.2"))
                .args(["-w", world, "componentize", "app", "-p"])
                .arg(directory.path())
                .arg("-o")
                .arg(&component),
        )?;
        let bytes = fs_err::read(component)?;
        let found = bytes.windows(MARK.len()).any(|window| window == MARK);
        ensure!(found == expected, "`{import}` for {world}: {found}");
    }
    Ok(())
}

/// A component of one module beside this suite's cases, in a directory that must live as long.
fn single(module: &str) -> Result<(tempfile::TempDir, PathBuf)> {
    let directory = tempfile::tempdir()?;
    let app = directory.path().join("app");
    fs_err::create_dir(&app)?;
    fs_err::copy(tests().join("tls").join(module), app.join("app.py"))?;
    let component = componentize(&app, &[])?;
    Ok((directory, component))
}
