//! The command line of `wheel`.

use std::path::PathBuf;

use anyhow::Result;
use ground::ui::{Ui, Verbosity};

use crate::wheel::{WHEELS, Wheel};

/// Build wheels of packages with native code for components
///
/// The sources and the build systems come from PyPI by pip, and so does the compiler, once. The build systems run on this machine,
/// in CPython 3.14, with your rights. Packages in Rust need Rust. `install --find-links wheels` then finds the wheels.
#[derive(clap::Args, Debug)]
pub struct WheelArgs {
    /// Package of PyPI, `NAME` or `NAME==VERSION`, or directory of a project, such as `./project`
    ///
    /// A recipe pins what is built, and how (`--list`). Packages without one are built as they say themselves.
    #[arg(value_name = "PACKAGE", required_unless_present = "list")]
    packages: Vec<String>,

    /// Directory for the wheels; it is created
    #[arg(short, long, value_name = "DIRECTORY", default_value = WHEELS)]
    output: PathBuf,

    /// Directory with recipes (`NAME/recipe.toml`) that come before those of this program
    #[arg(long, value_name = "DIRECTORY")]
    recipes: Option<PathBuf>,

    /// List the packages that there are recipes for
    #[arg(long, conflicts_with_all = ["packages", "output"])]
    list: bool,
}

impl WheelArgs {
    pub fn run(self, verbosity: Verbosity) -> Result<()> {
        let wheel = Wheel {
            packages: self.packages,
            output: self.output,
            recipes: self.recipes,
            verbosity,
        };
        if !self.list {
            return wheel.run().map(drop);
        }
        let mut lines = String::new();
        for package in wheel.list()? {
            let versions = package.versions.join(", ");
            lines += &format!("{:<20} {versions:<14} {}\n", package.name, package.licence);
        }
        Ui::new(verbosity).data(&lines);
        Ok(())
    }
}
