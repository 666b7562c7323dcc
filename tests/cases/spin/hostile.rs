//! Hostile input: requests of strangers, a stranger's `spin.toml`, and components that fail half-way.
//!
//! The components are those of `tests/serve`, built with our own WIT, so that no SDK is needed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use super::app::{Running, host};
use crate::support::components::build;
use crate::support::golden::{check_file, tests};

/// The same application, by WASI 0.2 and 0.3.
pub static COMPONENTS: LazyLock<[PathBuf; 2]> = LazyLock::new(|| {
    [
        build("serve/p2", "wit/wasi-0.2", "wasi:http/proxy@0.2.12"),
        build("serve/p3", "wit/wasi-0.3", "wasi:http/service@0.3.0"),
    ]
});

/// An application with one component, and with these lines in its table.
pub fn application(component: &Path, lines: &str) -> Result<Arc<TempDir>> {
    let directory = TempDir::new()?;
    let manifest = format!(
        "spin_manifest_version = 2\n[application]\nname = \"hostile\"\n[[trigger.http]]\nroute = \"/...\"\n\
         component = \"it\"\n[component.it]\nsource = {:?}\n{lines}\n",
        component.display().to_string()
    );
    fs_err::write(directory.path().join("spin.toml"), manifest)?;
    Ok(Arc::new(directory))
}

pub fn up(directory: &Arc<TempDir>, options: &[&str]) -> Result<Running> {
    Running::start(&mut command(directory, options), directory.clone())
}

fn command(directory: &Arc<TempDir>, options: &[&str]) -> Command {
    let up = ["up", "--listen", "127.0.0.1:0", "--compiler", "winch"];
    host(directory.path(), &[&up, options].concat())
}

/// Sends a GET for this target, unchanged, and returns everything until the connection ends.
pub fn get(running: &Running, target: &str) -> Result<String> {
    let mut stream = TcpStream::connect(running.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(90)))?;
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    // A connection that is reset has ended as well.
    let _ = stream.read_to_end(&mut answer);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A response whose component fails after its head is cut off: by chunks without the last, or by fewer bytes than it announces.
pub fn failures_after_the_head() -> Result<()> {
    for (component, late) in COMPONENTS.iter().zip(["/raise-late", "/abort-late"]) {
        let directory = application(component, "")?;
        let running = up(&directory, &[])?;
        let whole = get(&running, "/")?;
        ensure!(
            whole.contains("Hello, World!") && whole.ends_with("0\r\n\r\n"),
            "{whole}"
        );
        // The last bytes may be lost with the connection, but the end must not be there.
        let late = get(&running, late)?;
        ensure!(
            !late.ends_with("0\r\n\r\n"),
            "{}: it looks whole: {late}",
            component.display()
        );
        running.said("component `it` failed")?;
    }
    let directory = application(&COMPONENTS[0], "")?;
    let running = up(&directory, &[])?;
    let late = get(&running, "/raise-late-sized")?;
    let body = late.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    ensure!(body.len() < 1000, "{late}");
    let sized = get(&running, "/sized")?;
    ensure!(sized.ends_with("\r\n\r\nsized"), "{sized}");
    Ok(())
}

/// Text from a client cannot colour the log, reorder it or begin a new line.
pub fn the_log() -> Result<()> {
    let directory = application(&COMPONENTS[0], "")?;
    let running = up(&directory, &[])?;
    get(&running, "/\u{202e}txet\u{200b}")?;
    running.said("\"GET /\\u202etxet\\u200b\" 404")?;
    get(&running, "/\u{9b}31m\u{2028}")?;
    running.said("\"GET /\\u009b31m\\u2028\" 404")?;
    ensure!(!running.log().contains(['\u{202e}', '\u{9b}', '\u{1b}']));
    Ok(())
}

/// Links in a visible directory lead nowhere outside it.
pub fn files() -> Result<()> {
    let directory = application(
        &COMPONENTS[0],
        "files = [{ source = \"data\", destination = \"/data\" }]",
    )?;
    let secret = directory.path().join("secret");
    fs_err::write(&secret, "not for the component")?;
    let data = directory.path().join("data");
    fs_err::create_dir(&data)?;
    fs_err::write(data.join("plain"), "for the component")?;
    symlink("plain", data.join("inside"))?;
    symlink(&secret, data.join("absolute"))?;
    symlink("../secret", data.join("relative"))?;
    symlink("/", data.join("root"))?;
    symlink("/proc/self", data.join("process"))?;
    let running = up(&directory, &[])?;
    for path in ["plain", "inside"] {
        let answer = get(&running, &format!("/read?/data/{path}"))?;
        ensure!(answer.contains("for the component"), "{path}: {answer}");
    }
    for path in [
        "absolute",
        "relative",
        "root/etc/passwd",
        "process/environ",
        "../secret",
        "../data/../secret",
    ] {
        let answer = get(&running, &format!("/read?/data/{path}"))?;
        ensure!(answer.starts_with("HTTP/1.1 500"), "{path}: {answer}");
    }
    Ok(())
}

/// Manifests and directories that are refused, each with its message: `tests/spin/expected`.
pub fn refusals() -> Result<()> {
    let component = &COMPONENTS[0];
    let files = |source: &str| {
        let lines = format!("files = [{{ source = {source:?}, destination = \"/data\" }}]");
        application(component, &lines)
    };
    let outside = TempDir::new()?;
    for (name, source) in [
        ("files-root", "/"),
        ("files-parent", ".."),
        ("files-dots", "data/../.."),
        ("files-missing", "nowhere"),
        ("files-device", "/dev/null"),
    ] {
        let directory = files(source)?;
        fs_err::create_dir(directory.path().join("data"))?;
        refused(&directory, name, outside.path())?;
    }
    let directory = files("link/deeper")?;
    fs_err::create_dir(outside.path().join("deeper"))?;
    symlink(outside.path(), directory.path().join("link"))?;
    refused(&directory, "files-link", outside.path())?;
    let directory = application(component, "files = [\"data/*\"]")?;
    refused(&directory, "files-pattern", outside.path())?;

    let directory = application(component, "")?;
    symlink(outside.path(), directory.path().join(".spin"))?;
    refused(&directory, "state-link", outside.path())?;
    let options = ["--state-dir", ".spin"];
    // The user may choose any directory.
    drop(up(&directory, &options)?);

    let directory = application(Path::new("missing.wasm"), "")?;
    refused(&directory, "not-built", outside.path())?;
    let directory = application(Path::new("/dev/zero"), "")?;
    refused(&directory, "source-device", outside.path())?;
    let directory = application(component, "")?;
    fs_err::remove_file(directory.path().join("spin.toml"))?;
    refused(&directory, "no-manifest", outside.path())?;
    let fifo = directory.path().join("spin.toml");
    let made = Command::new("mkfifo").arg(&fifo).status()?;
    ensure!(made.success(), "`mkfifo` failed");
    refused(&directory, "manifest-fifo", outside.path())
}

/// A stranger's application may bring its state along, but not move it elsewhere.
pub fn links_in_the_state() -> Result<()> {
    let directory = application(&COMPONENTS[0], "")?;
    let state = directory.path().join(".spin");
    fs_err::create_dir(&state)?;
    let target = directory.path().join("victim.db");
    fs_err::write(&target, "")?;
    symlink(&target, state.join("key_value.db"))?;
    let output = command(&directory, &[]).output()?;
    ensure!(output.status.code() == Some(1), "{}", output.status);
    ensure!(fs_err::read(&target)?.is_empty(), "it was written to");
    Ok(())
}

fn refused(directory: &Arc<TempDir>, name: &str, outside: &Path) -> Result<()> {
    let output = command(directory, &[]).output()?;
    let said = String::from_utf8(output.stderr)?;
    ensure!(
        output.status.code() == Some(1),
        "{name}: {}: {said}",
        output.status
    );
    let application = fs_err::canonicalize(directory.path())?;
    let parent = application.parent().context("it is not the root")?;
    let said = said
        .replace(&application.display().to_string(), "APPLICATION")
        .replace(&outside.display().to_string(), "OUTSIDE")
        .replace(&format!("`{}`", parent.display()), "`PARENT`");
    let golden = tests().join(format!("spin/expected/{name}.stderr"));
    check_file(&golden, &said, "spin/refusals")
}
