//! HTTP clients of the standard library and of PyPI, unchanged, in components that send their requests by `wasi:http`.
//!
//! A case is a directory of `tests/clients`: `app.py`, `requirements.txt` and `wheels` as in `packages.rs`, and for each version
//! of WASI that it is built for a file `calls-VERSION.txt` with the names of functions, one a line. `serving-VERSION.py` lets the
//! application call these (with `asking.py`), and `origin.py` is the server that they ask. `expected/VERSION.txt` has what they return.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use libtest_mimic::Trial;

use crate::support::command::succeeds;
use crate::support::components::tool;
use crate::support::golden::{Case, Files, root, tests};
use crate::support::peer::Peer;
use crate::support::server::{PATIENCE, Server};
use crate::support::suite::Suite;
use crate::support::wheels::install_listed;
use crate::support::{environment, python_venv};

/// The versions of WASI, and the worlds of servers.
const WORLDS: [(&str, &str); 2] = [
    ("0.2", "wasi:http/proxy@0.2.12"),
    ("0.3", "wasi:http/service@0.3.0"),
];

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("clients");
    for case in Case::all("clients") {
        suite.sampled(!case.is_long(), case.name(), move || run(&case));
    }
    suite.trials()
}

fn run(case: &Case) -> Result<()> {
    let mut found = Files::new();
    for (version, world) in WORLDS {
        let calls = format!("calls-{version}.txt");
        if case.has(&calls) {
            let directory = tempfile::tempdir()?;
            let component = componentize(case, directory.path(), version, world)?;
            let transcript = play(&component, &case.lines(&calls))
                .with_context(|| format!("with WASI {version}"))?;
            found.insert(format!("{version}.txt"), transcript);
        }
    }
    case.check(&found)
}

fn componentize(case: &Case, app: &Path, version: &str, world: &str) -> Result<PathBuf> {
    fs_err::copy(case.path("app.py"), app.join("app.py"))?;
    let serving = tests().join(format!("clients/serving-{version}.py"));
    fs_err::copy(serving, app.join("serving.py"))?;
    fs_err::copy(tests().join("clients/asking.py"), app.join("asking.py"))?;
    let component = app.join("app.wasm");
    let mut command = tool();
    command
        .arg("-d")
        .arg(root().join(format!("wit/wasi-{version}")))
        .args(["-w", world, "componentize", "app", "-p"])
        .arg(app)
        .arg("-o")
        .arg(&component);
    let requirements = case.lines("requirements.txt");
    if !requirements.is_empty() {
        let packages: Vec<&str> = requirements.iter().map(String::as_str).collect();
        let python = python_venv(&packages);
        command.env("VIRTUAL_ENV", environment(&python));
    }
    if case.has("wheels") {
        let deps = app.join("deps");
        install_listed(&deps, &case.lines("wheels"))?;
        command.arg("-p").arg(deps);
    }
    succeeds(&mut command)?;
    Ok(component)
}

/// What each of the calls returns.
fn play(component: &Path, calls: &[String]) -> Result<String> {
    let origin = Origin::start()?;
    let address = format!("ORIGIN=http://localhost:{}", origin.port);
    let server = Server::start(component, &["--timeout", "120", "--env", &address]);
    let mut transcript = String::new();
    for call in calls {
        writeln!(transcript, "{call}")?;
        let answer = get(server.address, call).with_context(|| format!("in `{call}`"))?;
        for line in answer.replace(&origin.port, "PORT").lines() {
            writeln!(transcript, "    {line}")?;
        }
    }
    Ok(transcript)
}

/// The body of a response.
fn get(server: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // This version has no chunks.
    write!(stream, "GET /{path} HTTP/1.0\r\nhost: {server}\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (head, body) = response
        .split_once("\r\n\r\n")
        .context("the response has no head")?;
    ensure!(
        head.lines()
            .next()
            .is_some_and(|line| line.contains(" 200 ")),
        "{response}"
    );
    Ok(body.to_owned())
}

/// A running `origin.py`.
struct Origin {
    port: String,
    _process: Peer,
}

impl Origin {
    fn start() -> Result<Self> {
        let program = tests().join("clients/origin.py");
        let (process, line) = Peer::start(Command::new("python3").arg(program))?;
        let port = line.trim().strip_prefix("Listening on ");
        Ok(Self {
            port: port.context("it names its port")?.to_owned(),
            _process: process,
        })
    }
}
