//! The command line of `install`.

use std::path::PathBuf;

use ground::ui::Verbosity;

use crate::install::{Install, Installer};

/// Install a project's dependencies for components
///
/// pip or uv choose the versions, as for a machine on which `sys_platform` is `wasi`: wheels for WASI first, then for Emscripten,
/// then those in pure Python. The directory is replaced whole, or left as it was, and `componentize` searches it by itself.
#[derive(clap::Args, Debug)]
pub struct InstallArgs {
    /// Directory with a `pylock.toml`, `uv.lock`, `pyproject.toml` or `requirements.txt`, which is taken in this order
    #[arg(
        value_name = "PROJECT",
        default_value = ".",
        conflicts_with = "requirements"
    )]
    project: PathBuf,

    /// File with the dependencies in place of the project's; may be repeated
    #[arg(short, long, value_name = "FILE")]
    requirements: Vec<PathBuf>,

    /// Directory to fill [default: deps in the project]
    #[arg(short, long, value_name = "DIRECTORY")]
    target: Option<PathBuf>,

    /// Extra of the project to install too; may be repeated
    #[arg(long, value_name = "NAME")]
    extra: Vec<String>,

    /// Dependency group of the project to install too; may be repeated
    #[arg(long, value_name = "NAME")]
    group: Vec<String>,

    /// Program that chooses the versions: `pip`, `uv`, or uv for projects of uv and otherwise pip (`auto`)
    #[arg(long, value_enum, hide_possible_values = true, default_value_t)]
    installer: Installer,

    /// Build packages that have no wheel from their source
    ///
    /// Their build systems run on this machine. Packages that `wheel --list` names are built as `wheel` does; others without a
    /// compiler, which works for pure Python, and for packages that can do without their compiled parts.
    #[arg(long)]
    build: bool,

    /// Directory or page with more wheels, such as `wheels`; may be repeated
    #[arg(long, value_name = "PLACE")]
    find_links: Vec<String>,

    /// Choose the versions again, even if nothing has changed here
    #[arg(short = 'U', long)]
    upgrade: bool,
}

impl InstallArgs {
    pub fn into_settings(self, verbosity: Verbosity) -> Install {
        Install {
            requirements: self.requirements,
            project: self.project,
            target: self.target,
            extras: self.extra,
            groups: self.group,
            installer: self.installer,
            build: self.build,
            find_links: self.find_links,
            upgrade: self.upgrade,
            verbosity,
        }
    }
}
