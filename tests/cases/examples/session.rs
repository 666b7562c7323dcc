//! A terminal in an example's directory: runs commands as its README shows them, servers in the background.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use super::readme::{Step, listens_on};

/// Compiling a component for the first time on a busy machine takes most of it.
const PATIENCE: Duration = Duration::from_secs(180);

pub struct Session {
    root: TempDir,
    name: String,
    path: OsString,
    servers: Vec<Server>,
}

struct Server {
    process: Child,
    /// The address in the README, and the real one.
    shown: String,
    address: String,
    is_ours: bool,
}

impl Session {
    /// Makes a session in a copy of `examples/NAME`, with `tools` before everything else on the `PATH`.
    pub fn new(name: &str, tools: &[&Path]) -> Result<Self> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = TempDir::new()?;
        copy(
            &repository.join("examples").join(name),
            &root.path().join("examples").join(name),
        )?;
        copy(&repository.join("wit"), &root.path().join("wit"))?;
        let mut path: Vec<PathBuf> = tools.iter().map(|tool| tool.to_path_buf()).collect();
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        Ok(Self {
            root,
            name: name.to_owned(),
            path: std::env::join_paths(path)?,
            servers: Vec::new(),
        })
    }

    pub fn directory(&self) -> PathBuf {
        self.root.path().join("examples").join(&self.name)
    }

    /// The real address of the server that the README puts on `shown`.
    pub fn address(&self, shown: &str) -> Result<&str> {
        let server = self.servers.iter().find(|server| server.shown == shown);
        Ok(&server
            .with_context(|| format!("nothing listens on {shown}"))?
            .address)
    }

    /// Runs a step of the README, and compares.
    pub fn play(&mut self, step: &Step) -> Result<()> {
        let printed = match step.address() {
            Some(shown) => self.serve(&step.command, shown)?,
            None => self.run(&step.command)?,
        };
        ensure!(
            printed == step.output,
            "$ {}\n{printed}\nbut the README says:\n{}",
            step.command,
            step.output
        );
        Ok(())
    }

    /// Runs a command that must succeed. Returns its output, with the addresses of the README.
    pub fn run(&self, command: &str) -> Result<String> {
        let (mut process, mut output) = self.start(&self.with_addresses(command))?;
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let mut text = String::new();
            let result = output.read_to_string(&mut text).map(|_| text);
            let _ = sender.send(result);
        });
        let Ok(printed) = receiver.recv_timeout(PATIENCE) else {
            process.kill()?;
            bail!("$ {command}\ndoes not end");
        };
        let (printed, status) = (printed?, process.wait()?);
        ensure!(status.success(), "$ {command}\n{printed}\n{status}");
        Ok(self.servers.iter().fold(printed, |text, server| {
            text.replace(&server.address, &server.shown)
        }))
    }

    /// The command with the real addresses of the servers in place of those in the README.
    fn with_addresses(&self, command: &str) -> String {
        self.servers
            .iter()
            .fold(command.to_owned(), |text, server| {
                text.replace(&server.shown, &server.address)
            })
    }

    /// Starts it, for a conversation through its standard input and output.
    pub fn talk(&self, command: &str) -> Result<Child> {
        let mut shell = self.shell(&format!("exec {command}"));
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(shell.spawn()?)
    }

    /// Starts a server on a free port, and waits until it listens. Returns its output so far.
    fn serve(&mut self, command: &str, shown: &str) -> Result<String> {
        let anywhere = "127.0.0.1:0";
        let known = self.with_addresses(command);
        let actual = match known.contains(shown) {
            true => known.replace(shown, anywhere),
            false => format!("{known} --addr {anywhere}"),
        };
        let (process, output) = self.start(&format!("exec {actual}"))?;
        let mut server = Server {
            process,
            shown: shown.to_owned(),
            address: String::new(),
            is_ours: command.starts_with("componentize-py "),
        };
        let lines = read_lines(output);
        let mut printed = String::new();
        loop {
            let Ok(line) = lines.recv_timeout(PATIENCE) else {
                server.process.kill()?;
                bail!("$ {command}\n{printed}\ndoes not say where it listens");
            };
            printed += &format!("{line}\n");
            if let Some(address) = listens_on(&line) {
                server.address = address.to_owned();
                break;
            }
        }
        let printed = printed.replace(&server.address, shown);
        self.servers.push(server);
        Ok(printed)
    }

    fn start(&self, command: &str) -> Result<(Child, std::io::PipeReader)> {
        let (reader, writer) = std::io::pipe()?;
        let mut shell = self.shell(command);
        shell
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let process = shell
            .spawn()
            .with_context(|| format!("cannot run {command}"))?;
        Ok((process, reader))
    }

    fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", command])
            .current_dir(self.directory())
            .env("PATH", &self.path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("PIP_ROOT_USER_ACTION", "ignore")
            .env_remove("VIRTUAL_ENV");
        shell
    }

    /// Ends the servers. Ours do that properly when they are asked to.
    pub fn close(mut self) -> Result<()> {
        for server in &mut self.servers {
            if server.is_ours {
                let id = server.process.id().to_string();
                ensure!(
                    Command::new("kill").args(["-INT", &id]).status()?.success(),
                    "cannot send a signal"
                );
                let status = server.process.wait()?;
                ensure!(
                    status.success(),
                    "the server on {} ended with {status}",
                    server.shown
                );
            }
        }
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for server in &mut self.servers {
            // It may have ended already.
            let _ = server.process.kill();
            let _ = server.process.wait();
        }
    }
}

/// Reads to the end, so that the program never waits for us.
fn read_lines(output: std::io::PipeReader) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs_err::create_dir_all(to)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        // Files that somebody has built there are not part of the example.
        if entry.file_name() == "__pycache__"
            || target
                .extension()
                .is_some_and(|extension| extension == "wasm")
        {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs_err::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
