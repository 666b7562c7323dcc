//! Where installed packages lie: in the virtual environment, else that of `pipenv`, else `.venv` (uv), else of `python3`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;

use crate::cli::SitePackages;
use crate::ui::Ui;

/// A search that runs while the first stages do: starting other programs takes a while.
#[derive(Debug)]
pub struct Detection {
    environment: Option<PathBuf>,
    search: JoinHandle<Vec<PathBuf>>,
}

impl Detection {
    pub fn start(site_packages: SitePackages) -> Self {
        let environment = match &site_packages {
            SitePackages::Detect { virtual_env } => virtual_env.clone(),
            SitePackages::Roots(_) => None,
        };
        let search = std::thread::spawn(move || match site_packages {
            SitePackages::Roots(roots) => roots,
            SitePackages::Detect {
                virtual_env: Some(root),
            } => site_packages_of(&root),
            SitePackages::Detect { virtual_env: None } => of_programs(),
        });
        Self {
            environment,
            search,
        }
    }

    /// The directories found. An environment without any is worth a warning.
    pub fn finish(self, ui: &Ui) -> Vec<PathBuf> {
        // A panic there is no reason to stop: the import says what is missing.
        let found = self.search.join().unwrap_or_default();
        if let Some(root) = self.environment
            && found.is_empty()
        {
            ui.warn(format!(
                "`{}`, named by `VIRTUAL_ENV`, is skipped: it has no site-packages",
                root.display()
            ));
        }
        found
    }
}

fn of_programs() -> Vec<PathBuf> {
    if let Some(root) = output_of("pipenv", &["--venv"]) {
        let found = site_packages_of(Path::new(root.trim()));
        if !found.is_empty() {
            return found;
        }
    }
    // Where uv makes the environment of a project. `uv run` would name it.
    if Path::new(".venv/pyvenv.cfg").exists() {
        let found = site_packages_of(Path::new(".venv"));
        if !found.is_empty() {
            return found;
        }
    }
    const LIST: &str =
        "import site; print('\\n'.join(site.getsitepackages() + [site.getusersitepackages()]))";
    output_of("python3", &["-c", LIST])
        .map(|list| list.lines().map(PathBuf::from).collect())
        .unwrap_or_default()
}

/// `lib/python3.14/site-packages` and the like.
fn site_packages_of(environment: &Path) -> Vec<PathBuf> {
    let mut found = vec![environment.join("Lib").join("site-packages")];
    for lib in ["lib", "lib64"] {
        let mut versions: Vec<PathBuf> = fs_err::read_dir(environment.join(lib))
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        versions.sort();
        found.extend(
            versions
                .into_iter()
                .map(|version| version.join("site-packages")),
        );
    }
    found.retain(|directory| directory.is_dir());
    found
}

/// What a program prints, if it is there and succeeds.
fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then_some(text)
}
