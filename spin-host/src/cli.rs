//! The command: `spin-host build` and `spin-host up`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Parser, Subcommand};
use connections::Signals;
use tokio::net::TcpListener;

use crate::app::{Application, Compiler};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::manifest::{Build, Manifest};
use crate::parts::{Parts, llm::StandIn};
use crate::say::say;
use crate::server::Server;

/// Builds and runs a Spin application on Wasmtime.
#[derive(Parser)]
#[command(name = "spin-host", version)]
struct Options {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Run the build command of each component, through the shell, in the manifest's directory
    Build(BuildOptions),
    /// Serve the application over HTTP
    Up(UpOptions),
}

#[derive(clap::Args)]
struct BuildOptions {
    /// The manifest, or the directory that contains `spin.toml`
    #[arg(short, long, default_value = ".", value_name = "PATH")]
    from: PathBuf,
}

#[derive(clap::Args)]
struct UpOptions {
    /// The manifest, or the directory that contains `spin.toml`
    #[arg(short, long, default_value = ".", value_name = "PATH")]
    from: PathBuf,
    /// Address to listen on; port 0 picks a free port, which is printed
    #[arg(long, default_value = "127.0.0.1:3000", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Build the application first
    #[arg(long)]
    build: bool,
    /// Value of a variable of the application (repeatable)
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_variable)]
    variable: Vec<(String, String)>,
    /// Directory of key-value stores and SQLite databases [default: `.spin` beside the manifest]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// Time limit of a request, in seconds
    #[arg(long, default_value = "30", value_name = "SECONDS", value_parser = parse_seconds)]
    timeout: Duration,
    /// Memory limit of an instance, in MiB
    #[arg(long, default_value = "512", value_name = "MIB")]
    max_memory: usize,
    /// Largest number of instances at a time; further requests wait
    #[arg(long, default_value = "64", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    max_instances: u16,
    /// Compiler of components
    #[arg(long, value_enum, default_value = "cranelift")]
    compiler: Compiler,
}

fn parse_variable(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').context("there is no `=`")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_seconds(text: &str) -> Result<Duration> {
    Ok(Duration::try_from_secs_f64(text.parse()?)?)
}

/// The whole program, for `main` and for tests.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let result = match Options::parse_from(arguments).command {
        Subcommands::Build(options) => build(&options.from),
        Subcommands::Up(options) => up(options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("{}", foreign_text::lines(&explained(&error)));
            ExitCode::FAILURE
        }
    }
}

/// The error, its causes, and a hint.
fn explained(error: &anyhow::Error) -> String {
    let hint = error.chain().find_map(|cause| {
        let fault = cause.downcast_ref::<Fault>()?;
        Some(format!("\nhint: {}\n", fault.hint()))
    });
    format!("error: {error:#}\n{}", hint.unwrap_or_default())
}

fn build(from: &Path) -> Result<()> {
    let (manifest, directory) = Manifest::read(from)?;
    let builds: Vec<(&String, &Build)> = manifest
        .component
        .iter()
        .filter_map(|(id, component)| Some((id, component.build.as_ref()?)))
        .collect();
    if builds.is_empty() {
        bail!("no component has a `[component.NAME.build]` with a `command`");
    }
    for (id, build) in builds {
        let directory = build
            .workdir
            .as_ref()
            .map_or(directory.clone(), |workdir| directory.join(workdir));
        for line in build.command.lines() {
            say(&format!("Building component `{id}` with `{line}`"));
            let status = Command::new("sh")
                .args(["-c", line])
                .current_dir(&directory)
                .status()
                .context("the shell cannot be started")?;
            ensure!(
                status.success(),
                "the build command of component `{id}` failed ({status})"
            );
        }
    }
    Ok(())
}

fn up(options: UpOptions) -> Result<()> {
    if options.build {
        build(&options.from)?;
    }
    let (manifest, directory) = Manifest::read(&options.from)?;
    let given: BTreeMap<String, String> = options.variable.into_iter().collect();
    let application = Application::load(&manifest, &directory, &given, options.compiler)?;
    let state = state_directory(options.state_dir, &directory)?;
    let limits = Limits {
        time: options.timeout,
        memory: options
            .max_memory
            .checked_mul(1 << 20)
            .context("`--max-memory` is too large")?,
        instances: options.max_instances,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let listener = TcpListener::bind(options.listen).await.map_err(|reason| {
            Fault::AddressUnavailable {
                address: options.listen,
                reason,
            }
        })?;
        let address = listener.local_addr()?;
        let parts = Arc::new(Parts::open(&state, address, Box::new(StandIn))?);
        for (route, component) in &application.routes {
            say(&format!(
                "Route of `{}`: http://{address}{}",
                component.grants.component, route.text
            ));
        }
        let signals = Signals::new().context("signals cannot be listened for")?;
        // The last line: from now on the server answers.
        say(&format!(
            "Serving `{}` on http://{address}",
            application.name
        ));
        let server = Server::new(application, parts, limits);
        server.run(listener, signals).await
    });
    // A running statement or look-up of a name must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

/// The directory of the state, without links. A directory that the user names may be anywhere, but files of the application
/// cannot choose one.
fn state_directory(named: Option<PathBuf>, application: &Path) -> Result<PathBuf> {
    let chosen = named.is_some();
    let path = named.unwrap_or_else(|| application.join(".spin"));
    fs_err::create_dir_all(&path)?;
    let path = fs_err::canonicalize(&path)?;
    if !chosen && !path.starts_with(application) {
        return Err(Fault::StateOutside { path }.into());
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let options = |text: &str| Options::try_parse_from(text.split(' '));
        let Ok(Options {
            command: Subcommands::Up(up),
        }) = options("spin-host up --variable a=b=c --variable d= --timeout 0.5")
        else {
            panic!("they are options of `up`");
        };
        assert_eq!(
            up.variable,
            [
                ("a".to_owned(), "b=c".to_owned()),
                ("d".to_owned(), String::new())
            ]
        );
        assert_eq!(
            (up.timeout, up.listen.port(), up.compiler),
            (Duration::from_millis(500), 3000, Compiler::Cranelift)
        );
        for wrong in [
            "up --variable a",
            "up --timeout -1",
            "up --max-instances 0",
            "up --listen localhost",
            "build --listen 127.0.0.1:0",
        ] {
            assert!(options(&format!("spin-host {wrong}")).is_err(), "{wrong}");
        }
    }
}
