//! The command lines of `run` and `serve`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use super::package_args::PackageArgs;
use super::web_args::{self, WebArgs};

use ground::ui::{Ui, Verbosity};
use host::Run;
use host::serve::{Limits, Serve};
use host::{Directory, Permissions};

/// Run a component that is a program (`wasi:cli/run`, of WASI 0.2 or 0.3)
///
/// It uses this terminal's streams, and its exit code becomes that of `run`. It sees only the files, variables and network that
/// these options grant.
#[derive(clap::Args, Debug)]
#[command(override_usage = "componentize-py run [OPTIONS] <COMPONENT> [ARGS]...")]
pub struct RunArgs {
    /// The component, followed by its arguments
    #[arg(
        value_name = "COMPONENT [ARGS]",
        trailing_var_arg = true,
        required = true
    )]
    command: Vec<String>,

    #[command(flatten)]
    permissions: PermissionArgs,

    /// Time limit; a program that runs longer is stopped with an error
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,

    /// Memory limit, such as `64MiB`; beyond it Python raises `MemoryError`
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_memory: Option<usize>,

    #[command(flatten)]
    code: CodeArgs,
}

/// Answer HTTP requests with a component (`wasi:http/incoming-handler@0.2.x` or `wasi:http/handler@0.3.x`)
///
/// A server for trying an app. Every request gets a new instance, unless `--reuse` allows more. HTTP/1.1 and HTTP/2 without TLS. SIGINT and SIGTERM end it
/// once the requests that have begun are answered; a second signal ends it at once. The app's output goes to stdout and stderr.
#[derive(clap::Args, Debug)]
pub struct ServeArgs {
    /// The component, or a web application such as `main:app`, which is built first
    component: PathBuf,

    #[command(flatten)]
    web: WebArgs,

    /// Directory, wheel or ZIP file with the web application or modules it imports; may be repeated [default: .]
    #[arg(short, long, value_name = "DIRECTORY")]
    python_path: Vec<PathBuf>,

    #[command(flatten)]
    packages: PackageArgs,

    /// Address to listen on; port 0 picks a free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    addr: String,

    #[command(flatten)]
    permissions: PermissionArgs,

    /// Refuse the app's own HTTP requests
    #[arg(long)]
    no_outgoing_http: bool,

    /// Time limit per request, from instantiation to the last response byte; 0 disables it
    ///
    /// A request may wait for a free instance just as long.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: Duration,

    /// Close a connection that sends no request for this long; 0 disables it
    ///
    /// With HTTP/2, a connection that answers a ping stays open. A client that sends nothing of its request's body, or takes
    /// nothing of its response, is cut off after the shorter of this and `--timeout`, but not within 5 seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    idle_timeout: Duration,

    /// Memory limit per instance; beyond it Python raises `MemoryError`
    #[arg(long, value_name = "SIZE", default_value = "512MiB", value_parser = size)]
    max_memory: usize,

    /// Requests to work on at a time; further requests wait
    ///
    /// The address with the fewest running requests goes first. While others wait, a client that sends its request, or takes its
    /// response, at less than a kilobyte a second loses its instance after 2 seconds.
    #[arg(long, value_name = "N", default_value = "64", value_parser = clap::value_parser!(u32).range(1..=1000))]
    max_instances: u32,

    /// Requests that an instance may answer; with 1, each has a fresh one
    ///
    /// Faster, but requests of different clients then share the app's state: its modules, and whatever an earlier request has
    /// changed in them. With `wasi:http` 0.3 an instance answers several at once. An instance that fails is never used again.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    reuse: u32,

    /// Connections at a time; further connections wait, and idle ones are closed
    #[arg(long, value_name = "N", default_value = "512", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    max_connections: u32,

    #[command(flatten)]
    code: CodeArgs,
}

/// The component's machine code.
#[derive(clap::Args, Debug)]
struct CodeArgs {
    /// Compiler of the component's code
    #[arg(
        long,
        value_name = "COMPILER",
        value_enum,
        default_value_t,
        env = "COMPONENTIZE_PY_COMPILER",
        hide_env = true
    )]
    compiler: Compiler,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Compiler {
    /// Code that runs fast, after seconds of compilation
    #[default]
    Cranelift,
    /// Slower code that is ready several times sooner; what needs Cranelift, such as exceptions of C++, gets it
    Winch,
}

impl From<Compiler> for host::Compiler {
    fn from(compiler: Compiler) -> Self {
        match compiler {
            Compiler::Cranelift => Self::Cranelift,
            Compiler::Winch => Self::Winch,
        }
    }
}

/// The parts of this machine that a component may see.
#[derive(clap::Args, Debug)]
struct PermissionArgs {
    /// Directory that the app sees, under the same name or as GUEST; a final `:ro` makes it read-only; may be repeated
    #[arg(long, value_name = "HOST[::GUEST]")]
    dir: Vec<Directory>,

    /// Set an environment variable; without `=VALUE`, pass on the current one; may be repeated
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = variable)]
    env: Vec<(String, Option<String>)>,

    /// Allow sockets and name lookup, and for `run` also HTTP requests
    #[arg(long)]
    network: bool,
}

impl PermissionArgs {
    fn into_permissions(self, outgoing_http: bool, verbosity: Verbosity) -> Permissions {
        let mut environment = Vec::new();
        for (name, value) in self.env {
            match value.or_else(|| std::env::var(&name).ok()) {
                Some(value) => environment.push((name, value)),
                None => Ui::new(verbosity).warn(format!(
                    "`{name}` is not set here, so the app does not get it"
                )),
            }
        }
        Permissions {
            directories: self.dir,
            environment,
            network: self.network,
            outgoing_http,
        }
    }
}

impl RunArgs {
    /// Runs the program. Ends this process with its exit code unless that is 0.
    pub fn run(self, verbosity: Verbosity) -> Result<()> {
        let mut command = self.command.into_iter();
        let component = command.next().unwrap_or_default();
        let network = self.permissions.network;
        let code = Run {
            component: PathBuf::from(component),
            arguments: command.collect(),
            permissions: self.permissions.into_permissions(network, verbosity),
            timeout: self.timeout.filter(|limit| !limit.is_zero()),
            max_memory: self.max_memory,
            compiler: self.code.compiler.into(),
            verbosity,
        }
        .run()?;
        if code != 0 {
            std::process::exit(code);
        }
        Ok(())
    }
}

impl ServeArgs {
    /// Serves until it is told to stop.
    pub fn run(self, verbosity: Verbosity) -> Result<()> {
        let built = web_args::build(
            &self.component,
            self.web.into_settings(),
            self.python_path,
            self.packages,
            verbosity,
        )?;
        let component = built.as_ref().map(|built| built.component.clone());
        Serve {
            component: component.unwrap_or(self.component),
            address: self.addr,
            permissions: self
                .permissions
                .into_permissions(!self.no_outgoing_http, verbosity),
            limits: Limits {
                timeout: Some(self.timeout).filter(|limit| !limit.is_zero()),
                idle_timeout: Some(self.idle_timeout).filter(|limit| !limit.is_zero()),
                max_memory: self.max_memory,
                max_instances: self.max_instances,
                reuse: self.reuse,
                max_connections: self.max_connections,
            },
            compiler: self.code.compiler.into(),
            verbosity,
        }
        .run()
    }
}

fn variable(text: &str) -> Result<(String, Option<String>), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    if name.is_empty() {
        return Err("a variable needs a name".to_owned());
    }
    Ok((name.to_owned(), value))
}

fn address(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
            Ok(text.to_owned())
        }
        _ => Err("expected a host and a port, such as `127.0.0.1:8080`".to_owned()),
    }
}

pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok();
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|time| *time <= Duration::from_secs(365 * 24 * 3600))
        .ok_or_else(|| "expected a number of seconds, such as `30` or `0.5`".to_owned())
}

/// `1000`, `64KiB`, `64MiB`, `1GiB`, and with powers of ten `64kB`, `64MB`, `1GB`.
pub fn size(text: &str) -> Result<usize, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let unit: Option<usize> = match text[digits..].trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kib" => Some(1 << 10),
        "kb" => Some(1000),
        "m" | "mib" => Some(1 << 20),
        "mb" => Some(1_000_000),
        "g" | "gib" => Some(1 << 30),
        "gb" => Some(1_000_000_000),
        _ => None,
    };
    let number: Option<usize> = text[..digits].parse().ok();
    number
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit))
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "expected a size, such as `64MiB`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{address, seconds, size, variable};

    #[test]
    fn sizes() {
        assert_eq!(size("1000"), Ok(1000));
        assert_eq!(size("64MiB"), Ok(64 << 20));
        assert_eq!(size("64 mb"), Ok(64_000_000));
        assert_eq!(size("1G"), Ok(1 << 30));
        for bad in [
            "",
            "MiB",
            "0",
            "1.5MiB",
            "1TiB",
            "-1",
            "99999999999999999999",
            "99999999999999GiB",
        ] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(seconds("0.5").map(|time| time.as_millis()), Ok(500));
        for bad in ["", "x", "-1", "inf", "nan", "1e30"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses() {
        for good in ["127.0.0.1:0", "[::1]:80", "localhost:65535"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "8080",
            ":80",
            "localhost",
            "localhost:65536",
            "localhost:http",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn variables() {
        assert_eq!(
            variable("A=b=c"),
            Ok(("A".to_owned(), Some("b=c".to_owned())))
        );
        assert_eq!(variable("A="), Ok(("A".to_owned(), Some(String::new()))));
        assert_eq!(variable("A"), Ok(("A".to_owned(), None)));
        assert!(variable("=b").is_err());
    }
}
