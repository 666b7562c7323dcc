//! The options about installed packages, and the environment variable that says where they are.

use std::path::PathBuf;

use crate::settings::SitePackages;

/// The installed packages of this machine that a build searches.
#[derive(clap::Args, Debug)]
pub struct PackageArgs {
    /// Search the packages of the system's `python3` too, if no environment is found
    ///
    /// componentize-py 0.25.1 always does.
    #[arg(long)]
    system_packages: bool,
}

impl PackageArgs {
    /// The environment is looked for here, and the packages in it later.
    pub fn into_site_packages(self) -> SitePackages {
        SitePackages::Detect {
            virtual_env: std::env::var_os("VIRTUAL_ENV")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from),
            system: self.system_packages,
        }
    }
}
