//! Installs a project's dependencies for components: pip or uv choose and unpack the packages.
//!
//! Comes in: [`Install`]. Goes out: a directory that `componentize` searches. It is replaced whole, or left as it was. Everything
//! that knows about the guest (markers, tags) is in `guest.rs`, and pip learns it from `guest_pip.py`.

mod error;
mod guest;
mod native;
mod pip;
mod requirements;
mod tables;
mod target;
mod uv;

use std::path::PathBuf;

use anyhow::Result;
use ground::Mistake as _;
use ground::ui::{Ui, Verbosity};

use crate::project::declared::{DEPS, Form};
use crate::scratch::Scratch;
use error::InstallError;
use native::Native;
use pip::{Outcome, Pip, Wanted};
use requirements::Requirements;
use target::Target;

/// The program that resolves the requirements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Installer {
    /// uv for projects of uv if it is there, and otherwise pip.
    #[default]
    Auto,
    /// pip.
    Pip,
    /// uv, which leaves the unpacking to pip.
    Uv,
}

/// Installs a project's dependencies for components.
#[derive(Clone, Debug)]
pub struct Install {
    /// Files with the dependencies; empty for that of the project.
    pub requirements: Vec<PathBuf>,
    /// The project's directory.
    pub project: PathBuf,
    /// The directory to fill; `None` for `deps` in the project.
    pub target: Option<PathBuf>,
    /// Extras of the project.
    pub extras: Vec<String>,
    /// Dependency groups of the project (PEP 735).
    pub groups: Vec<String>,
    /// The program that resolves the requirements.
    pub installer: Installer,
    /// Build packages that have no wheel: by a recipe, or without a compiler.
    pub build: bool,
    /// Directories or pages with further wheels.
    pub find_links: Vec<String>,
    /// Resolve again even if nothing has changed.
    pub upgrade: bool,
    /// How much is printed to standard error.
    pub verbosity: Verbosity,
}

impl Install {
    /// Settings for the project in a directory.
    pub fn new(project: impl Into<PathBuf>) -> Self {
        Self {
            requirements: Vec::new(),
            project: project.into(),
            target: None,
            extras: Vec::new(),
            groups: Vec::new(),
            installer: Installer::default(),
            build: false,
            find_links: Vec::new(),
            upgrade: false,
            verbosity: Verbosity::Quiet,
        }
    }

    /// Fills the directory.
    pub fn run(&self) -> Result<()> {
        let ui = Ui::new(self.verbosity);
        let requirements = ui.stage("reading the dependencies", || Requirements::of(self))?;
        let directory = match &self.target {
            Some(target) => target.clone(),
            None => self.project.join(DEPS),
        };
        let directory = directory.strip_prefix(".").unwrap_or(&directory).to_owned();
        let target = Target::open(directory)?;
        let digest = requirements.digest(self);
        if !self.upgrade && !requirements.may_have_changed() && target.holds(&digest) {
            ui.report(&format!("`{}` is up to date", target.shown().display()));
            return Ok(());
        }
        let scratch = Scratch::new()?;
        let staging = target.staging()?;
        let wanted = self.wanted(&requirements, &scratch, &ui)?;
        let mut native = Native::new(self.build, &scratch)?;
        let pip = Pip::new(&scratch, &ui);
        let output = loop {
            let outcome = ui.stage("installing the packages", || {
                pip.install(&wanted, &native, &staging.directory)
            })?;
            match outcome {
                Outcome::Installed(output) => break output,
                Outcome::Lacks(package) => native.build(package, &ui)?,
                Outcome::Unbuilt { package, refusal } => {
                    let question = format!(
                        "`{package}` has no wheel for components. Build such packages on this machine?"
                    );
                    if !ui.asks(&question) {
                        return Err(refusal.into());
                    }
                    let asked = Self {
                        build: true,
                        ..self.clone()
                    };
                    // Its spinner would go on beside that of the next run.
                    drop(ui);
                    return asked.run();
                }
            }
        };
        ui.detail(output);
        let count = ui.stage("checking the packages", || staging.check())?;
        ui.stage("writing", || target.replace(staging, &digest))?;
        let packages = if count == 1 { "package" } else { "packages" };
        let shown = target.shown().display();
        ui.report(&format!("{count} {packages} installed into `{shown}`"));
        Ok(())
    }

    /// The packages: those of a lock file, which uv may have to write, or requirements that pip resolves.
    fn wanted(&self, requirements: &Requirements, scratch: &Scratch, ui: &Ui) -> Result<Wanted> {
        let lock = match requirements.lock() {
            Some((file, Form::Lock)) => Some(file.to_owned()),
            Some(_) => {
                if self.installer == Installer::Pip || !uv::is_there() {
                    return InstallError::UvLock.raise();
                }
                Some(ui.stage("reading the lock of uv", || {
                    uv::export(self, requirements, scratch)
                })?)
            }
            None if self.asks_uv(requirements)? => Some(ui.stage("resolving with uv", || {
                uv::compile(self, requirements, scratch)
            })?),
            None => None,
        };
        Ok(Wanted {
            files: match lock {
                Some(_) => Vec::new(),
                None => requirements.for_pip(scratch)?,
            },
            bases: match requirements.lock() {
                Some((_, Form::Lock)) => Vec::new(),
                Some((file, _)) => vec![file.with_file_name("")],
                None => vec![PathBuf::from(".")],
            },
            sources_left_out: requirements.lock().is_none() && !self.build,
            // uv has chosen among them already.
            in_lock: requirements
                .lock()
                .is_some_and(|(_, form)| form == Form::Lock),
            lock,
            extras: self.extras.clone(),
            groups: self.groups.clone(),
            build: self.build,
            find_links: self.find_links.clone(),
        })
    }

    fn asks_uv(&self, requirements: &Requirements) -> Result<bool> {
        let sources = requirements.with_uv_sources();
        match self.installer {
            Installer::Uv if !uv::is_there() => InstallError::NoUv.raise(),
            Installer::Uv => Ok(true),
            Installer::Auto if requirements.is_of_uv() && uv::is_there() => Ok(true),
            Installer::Auto | Installer::Pip if sources.is_empty() => Ok(false),
            _ => InstallError::UvSources { names: sources }.raise(),
        }
    }
}
