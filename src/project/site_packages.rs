//! The directories of installed packages: in the virtual environment, or else that of `pipenv`, `.venv` (uv), or the one
//! whose `python3` comes first. Those of the system's `python3` are used only if they are asked for.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::links::Grounds;
use crate::settings::SitePackages;
use ground::ui::Ui;
use ground::wording::seconds;

/// The time in which a program must say where its packages are.
const PATIENCE: Duration = Duration::from_secs(15);

/// Directories of installed packages.
#[derive(Debug, Default)]
pub struct Found {
    pub directories: Vec<PathBuf>,
    /// The limit for packages that were found in the current directory without being asked for.
    pub within: Option<PathBuf>,
    warnings: Vec<String>,
}

/// A search that runs during the first stages: starting other programs takes a while.
#[derive(Debug)]
pub struct Detection {
    search: JoinHandle<Found>,
}

impl Detection {
    /// `has_packages`: the user's own directories hold installed packages, so those of the machine are not used.
    pub fn start(site_packages: SitePackages, has_packages: bool) -> Self {
        let search = std::thread::spawn(move || match site_packages {
            SitePackages::Roots(directories) => Found {
                directories,
                ..Found::default()
            },
            SitePackages::Detect {
                virtual_env: Some(root),
                ..
            } => of_environment(&root),
            SitePackages::Detect {
                virtual_env: None,
                system,
            } => of_programs(has_packages, system),
        });
        Self { search }
    }

    /// The result. An environment without site-packages is worth a warning.
    pub fn finish(self, ui: &Ui) -> Found {
        // A panic there need not end the build: the import reports what is missing.
        let found = self.search.join().unwrap_or_default();
        for warning in &found.warnings {
            ui.warn(warning);
        }
        for directory in &found.directories {
            if directory.is_dir() {
                let directory = directory.display();
                ui.detail(format!("{:14}packages: {directory}\n", ""));
            }
        }
        found
    }
}

fn of_environment(root: &Path) -> Found {
    let mut found = site_packages_of(root);
    if found.directories.is_empty() && found.warnings.is_empty() {
        found.warnings.push(format!(
            "`{}`, named by `VIRTUAL_ENV`, is skipped: it has no site-packages",
            root.display()
        ));
    }
    found
}

fn of_programs(has_packages: bool, system: bool) -> Found {
    let mut warnings = Vec::new();
    if let Some(root) = output_of("pipenv", &["--venv"], &mut warnings) {
        let found = site_packages_of(Path::new(root.trim()));
        if !found.directories.is_empty() {
            return found;
        }
    }
    // The place where uv makes the environment of a project. `uv run` would name it.
    let environment = Path::new(".venv");
    if environment.join("pyvenv.cfg").is_file() {
        let mut found = of_checkout(environment);
        warnings.append(&mut found.warnings);
        found.warnings = std::mem::take(&mut warnings);
        if !found.directories.is_empty() {
            return found;
        }
        warnings = found.warnings;
    }
    if !has_packages && let Some(environment) = of_python3() {
        let mut found = site_packages_of(&environment);
        warnings.append(&mut found.warnings);
        found.warnings = std::mem::take(&mut warnings);
        if !found.directories.is_empty() {
            return found;
        }
        warnings = found.warnings;
    }
    Found {
        directories: match system {
            true => of_system(&mut warnings),
            false => Vec::new(),
        },
        within: None,
        warnings,
    }
}

/// The directories in which the first `python3` looks for packages.
pub fn of_system(warnings: &mut Vec<String>) -> Vec<PathBuf> {
    const LIST: &str =
        "import site; print('\\n'.join(site.getsitepackages() + [site.getusersitepackages()]))";
    let list = output_of("python3", &["-c", LIST], warnings);
    let list = list.unwrap_or_default();
    list.lines().map(PathBuf::from).collect()
}

/// The environment that the first `python3` belongs to, if it is not the system's: one of venv, or one that Conda or Pixi
/// has made beside its base. Whoever calls it by its path, or has put it first, has chosen it.
fn of_python3() -> Option<PathBuf> {
    let program = format!("python3{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH")?;
    let directory = std::env::split_paths(&path).find(|one| one.join(&program).is_file())?;
    let environment = match directory.file_name() {
        Some(name) if name == "bin" || name == "Scripts" => directory.parent()?,
        _ => &directory,
    };
    let is_of_conda = || {
        let above = environment.parent().and_then(Path::file_name);
        environment.join("conda-meta").is_dir() && above.is_some_and(|name| name == "envs")
    };
    (environment.join("pyvenv.cfg").is_file() || is_of_conda()).then(|| environment.to_owned())
}

/// An environment that nobody has named is used only as far as it lies below the current directory: the author of a
/// checkout may have made it a link to another one of this machine.
fn of_checkout(environment: &Path) -> Found {
    let within = std::fs::canonicalize(".").ok();
    let real = std::fs::canonicalize(environment).unwrap_or_default();
    if !within
        .as_ref()
        .is_some_and(|within| real.starts_with(within))
    {
        let warning = format!(
            "`{}` is skipped: it is a link out of the current directory; activate it, or name it with `VIRTUAL_ENV`",
            environment.display()
        );
        return Found {
            warnings: vec![warning],
            ..Found::default()
        };
    }
    Found {
        within,
        ..site_packages_of(environment)
    }
}

/// `lib/python3.14/site-packages` and the like. The environment itself may be a link; its contents lie inside it.
fn site_packages_of(environment: &Path) -> Found {
    let mut candidates = vec![environment.join("Lib").join("site-packages")];
    for lib in ["lib", "lib64"] {
        let mut versions: Vec<PathBuf> = fs_err::read_dir(environment.join(lib))
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        versions.sort();
        candidates.extend(
            versions
                .into_iter()
                .map(|version| version.join("site-packages")),
        );
    }
    let mut found = Found::default();
    let Ok(real) = std::fs::canonicalize(environment) else {
        return found;
    };
    let mut grounds = Grounds::new(&[]);
    grounds.add(&real);
    for directory in candidates
        .into_iter()
        .filter(|directory| directory.is_dir())
    {
        let below = directory.strip_prefix(environment).unwrap_or(&directory);
        if grounds.follow(&real, below).is_ok() {
            found.directories.push(directory);
        } else {
            found.warnings.push(format!(
                "`{}` is skipped: it is a link out of its environment",
                directory.display()
            ));
        }
    }
    found
}

/// The output of a program, if it exists and succeeds. One that takes too long is ended, and named in a warning.
fn output_of(program: &str, arguments: &[&str], warnings: &mut Vec<String>) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    // A program that it has started may keep the pipe open; then the thread is left behind.
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.read_to_string(&mut text);
        // After the time limit nobody listens.
        let _ = sender.send(read.ok().map(|_| text));
    });
    let deadline = Instant::now() + PATIENCE;
    let text = receiver.recv_timeout(PATIENCE);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) if text.is_ok() => break status,
            Ok(None) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(2));
            }
            _ => {
                warnings.push(format!(
                    "`{program}` is not waited for any longer: it was asked for its packages {} ago",
                    seconds(PATIENCE)
                ));
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    };
    let text = text.ok().flatten()?;
    (status.success() && !text.trim().is_empty()).then_some(text)
}
