//! Where a missing module may come from.

use std::path::PathBuf;

use ground::wording::listed;

use super::SearchPath;
use super::declared::Missing;
use super::site_packages::of_system;

/// The place that a missing module is most likely to come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The dependencies that the project declares.
    Project(Missing),
    /// The packages of the system's `python3`, in this directory, which are not searched.
    System(PathBuf),
    /// Nothing is known.
    Anywhere,
}

impl SearchPath {
    /// The advice about a module that no root has.
    pub fn advice(&self, module: &str) -> Advice {
        if let Some(missing) = self.missing() {
            return Advice::Project(missing);
        }
        // The option for them has no effect beside an environment.
        let is_alone = self.roots.iter().all(|root| root.own);
        let top = module.split('.').next().unwrap_or(module);
        let has_it = |directory: &PathBuf| {
            directory.join(top).is_dir() || directory.join(format!("{top}.py")).is_file()
        };
        let system = is_alone.then(|| of_system(&mut Vec::new()).into_iter().find(has_it));
        system.flatten().map_or(Advice::Anywhere, Advice::System)
    }
}

impl Advice {
    /// A hint.
    pub fn hint(&self) -> String {
        match self {
            Self::Project(Missing {
                file,
                names,
                command,
            }) if names.is_empty() => format!(
                "name its package in `{}`, and install it with `{command}`; or name its directory with `-p/--python-path`",
                file.display()
            ),
            Self::Project(Missing {
                file,
                names,
                command,
            }) => format!(
                "`{command}` installs the dependencies in `{}`; not found here: {}",
                file.display(),
                listed(names)
            ),
            Self::System(directory) => format!(
                "the system's `python3` has it, in `{}`, where nothing is searched unless `--system-packages` asks for it; install \
                 it into a virtual environment, or name its package in a `requirements.txt` for `componentize-py install`",
                directory.display()
            ),
            Self::Anywhere => {
                "install it into the virtual environment in use, or name its directory with `-p/--python-path`"
                    .to_owned()
            }
        }
    }
}
