//! An application: copied, built with the command in its own manifest, served by `spin-host` as a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use super::{HOST, readme};
use crate::support;

/// However slow the machine is, an answer that takes longer will not come.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A built application in a directory of its own.
pub struct Application {
    directory: Arc<tempfile::TempDir>,
    source: PathBuf,
    /// The output of its build.
    built: String,
}

impl Application {
    /// Copies an application's directory and has `spin-host build` build it, with our componentize-py and the SDK that its
    /// `requirements.txt` names.
    pub fn build(source: &Path) -> Result<Self> {
        Self::build_with(source, &[])
    }

    /// With wheels of these recipes in `deps`.
    pub fn build_with(source: &Path, recipes: &[&str]) -> Result<Self> {
        let directory = Arc::new(tempfile::tempdir()?);
        copy(source, directory.path())?;
        for recipe in recipes {
            let wheel = support::wheels::wheel(recipe)?;
            support::wheels::install(&directory.path().join("deps"), &[wheel])?;
        }
        let mut command = host(directory.path(), &["build"]);
        if let Ok(requirements) = fs_err::read_to_string(source.join("requirements.txt")) {
            let packages: Vec<&str> = requirements.lines().collect();
            let python = support::python_venv(&packages);
            command.env("VIRTUAL_ENV", support::environment(&python));
        }
        let output = command.output()?;
        let (stdout, stderr) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        ensure!(
            output.status.success(),
            "{}: {stdout}{stderr}",
            source.display()
        );
        ensure!(
            stdout == "Component built successfully\n",
            "{}: {stdout}{stderr}",
            source.display()
        );
        Ok(Self {
            directory,
            source: source.to_owned(),
            built: format!("{stderr}{stdout}"),
        })
    }

    /// Serves it on a free port, with these arguments of `spin-host up`.
    pub fn up(&self, arguments: &[&str]) -> Result<Running> {
        let mut all = vec!["up", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        if !arguments.contains(&"--compiler") {
            all.extend(["--compiler", "winch"]);
        }
        Running::start(
            &mut host(self.directory.path(), &all),
            self.directory.clone(),
        )
    }

    /// Returns `true` if there is such a file now.
    pub fn has(&self, path: &str) -> bool {
        self.directory.path().join(path).exists()
    }

    /// Checks that the README of the example is right.
    pub fn check_readme(&self, running: &Running) -> Result<()> {
        readme::check(&self.source, &self.built, running)
    }

    /// The output of `spin-host up` when it cannot serve.
    pub fn refused(&self, arguments: &[&str]) -> Result<String> {
        let mut all = vec!["up", "--listen", "127.0.0.1:0", "--compiler", "winch"];
        all.extend(arguments);
        let output = host(self.directory.path(), &all).output()?;
        ensure!(
            output.status.code() == Some(1),
            "it ended with {}",
            output.status
        );
        Ok(String::from_utf8(output.stderr)?)
    }
}

/// `spin-host`, which is this test's own program under another name, in an application's directory.
pub fn host(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a program has a path"));
    let tool = Path::new(env!("CARGO_BIN_EXE_componentize-py"))
        .parent()
        .expect("a file has a directory");
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(tool.to_owned()).chain(std::env::split_paths(&paths));
    command
        .env(
            "PATH",
            std::env::join_paths(paths).expect("they were one variable before"),
        )
        .arg(HOST)
        .args(arguments)
        .current_dir(directory)
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null());
    command
}

fn copy(source: &Path, destination: &Path) -> Result<()> {
    for entry in fs_err::read_dir(source)? {
        let path = entry?.path();
        let target = destination.join(path.file_name().context("an entry has a name")?);
        if path.is_dir() {
            fs_err::create_dir_all(&target)?;
            copy(&path, &target)?;
        } else if path.extension().is_none_or(|extension| extension != "wasm") {
            fs_err::copy(&path, &target)?;
        }
    }
    Ok(())
}

/// A served application; ends with this value.
pub struct Running {
    process: Child,
    pub address: SocketAddr,
    log: Arc<Log>,
    readers: Vec<JoinHandle<()>>,
    /// The place of its databases.
    _directory: Arc<tempfile::TempDir>,
}

impl Running {
    pub fn start(command: &mut Command, directory: Arc<tempfile::TempDir>) -> Result<Self> {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = Arc::new(Log::default());
        let mut stderr = BufReader::new(process.stderr.take().context("it is a pipe")?);
        let stdout = BufReader::new(process.stdout.take().context("it is a pipe")?);
        let address = loop {
            let mut line = String::new();
            if stderr.read_line(&mut line)? == 0 {
                let status = process.wait()?;
                bail!("it does not serve ({status}): {}", log.text());
            }
            log.note(&line);
            if let Some((_, address)) = line.split_once(" on http://") {
                break address.trim().parse()?;
            }
        };
        let mut readers = Vec::new();
        for stream in [
            Box::new(stderr) as Box<dyn std::io::BufRead + Send>,
            Box::new(stdout),
        ] {
            let log = log.clone();
            readers.push(std::thread::spawn(move || {
                stream
                    .lines()
                    .map_while(Result::ok)
                    .for_each(|line| log.note(&format!("{line}\n")))
            }));
        }
        Ok(Self {
            process,
            address,
            log,
            readers,
            _directory: directory,
        })
    }

    pub fn get(&self, path: &str) -> Result<Response> {
        self.send("GET", path, b"")
    }

    pub fn send(&self, method: &str, path: &str, body: &[u8]) -> Result<Response> {
        let response = request(self.address, method, path, body);
        let mut response =
            response.with_context(|| format!("{method} {path}; it said:\n{}", self.log()))?;
        response.log = self.log();
        Ok(response)
    }

    /// The output of the host and the guests.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits for this output: it may come a moment after the answer.
    pub fn said(&self, text: &str) -> Result<()> {
        let log = self.log.text.lock().expect("not poisoned");
        let (log, _) = self
            .log
            .more
            .wait_timeout_while(log, PATIENCE, |log| !log.contains(text))
            .expect("not poisoned");
        ensure!(
            log.contains(text),
            "expected {text:?} to be said, not only:\n{log}"
        );
        Ok(())
    }

    /// Sockets that it has open.
    pub fn sockets(&self) -> usize {
        support::sockets(self.process.id())
    }

    /// Asks it to end.
    pub fn signal(&self) -> Result<()> {
        let status = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status()?;
        ensure!(status.success(), "`kill` failed");
        Ok(())
    }

    /// Asks it to end unless it has; returns its status and output.
    pub fn end(mut self) -> Result<(ExitStatus, String)> {
        if self.process.try_wait()?.is_none() {
            self.signal()?;
        }
        let status = self.process.wait()?;
        for reader in self.readers.drain(..) {
            reader.join().expect("it only reads");
        }
        Ok((status, self.log()))
    }
}

/// The output of a process, as it arrives.
#[derive(Default)]
struct Log {
    text: Mutex<String>,
    more: Condvar,
}

impl Log {
    fn note(&self, line: &str) {
        self.text.lock().expect("not poisoned").push_str(line);
        self.more.notify_all();
    }

    fn text(&self) -> String {
        self.text.lock().expect("not poisoned").clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing to be done when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub struct Response {
    pub status: u16,
    pub headers: String,
    pub body: String,
    /// The output until then.
    pub log: String,
}

const FORGED: &str = "spin-path-match-admin: 1";

/// One request, in HTTP 1.0: the answer ends with the connection. Each has a header that no application may be shown.
fn request(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> Result<Response> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nhost: {address}\r\n{FORGED}\r\ncontent-length: {length}\r\n\r\n"
    )?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8(answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("the answer has no end of its headers")?;
    let (first, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = first
        .split(' ')
        .nth(1)
        .context("the answer has no status")?
        .parse()?;
    Ok(Response {
        status,
        headers: headers.to_owned(),
        body: body.to_owned(),
        log: String::new(),
    })
}

/// The repository's applications.
pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
}

/// Applications that exist for these tests.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/spin/apps")
        .join(name)
}
