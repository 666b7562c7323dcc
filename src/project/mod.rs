//! The user's Python side: the searched directories, the app's place and its text.
//!
//! Comes in: settings. Goes out: [`Project`]. Walks are sorted, so that the same tree gives the same result.

mod advice;
mod app;
mod archive;
mod config;
pub mod declared;
mod editable;
mod emscripten;
mod error;
mod links;
mod native;
mod packages;
mod search_path;
mod site_packages;
pub mod web;

pub use advice::Advice;
pub use app::{app_not_found, imports};
pub use error::ProjectError;
pub use links::{Grounds, NotThere, Stray};
pub use native::{LIBRARY_SUFFIXES, Mentions, NativeFile, files as native_files};
pub use packages::{Content, Package};
pub use search_path::{Root, SearchPath};

use ground::Mistake as _;
use site_packages::Detection;

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use crate::scratch::Scratch;
use crate::settings::{Componentize, WebSettings};
use ground::UserError;
use ground::files::{self, Unusable};
use ground::ui::Ui;

/// Everything about the Python side of one build.
#[derive(Debug)]
pub struct Project {
    /// The app's module.
    pub app: String,
    /// The name of the web application in it, if it is one.
    pub application: Option<String>,
    pub path: SearchPath,
    /// Known once the project is complete.
    pub packages: Vec<Package>,
    /// The search for site-packages, which may have to ask other programs.
    site_packages: Option<Detection>,
}

impl Project {
    /// Resolves the user's own part of the search path and looks for the app, so that a typo is reported at
    /// once. Site-packages are searched meanwhile; [`Project::complete`] adds them. Archives are unpacked into `scratch`.
    pub fn open(settings: &Componentize, scratch: &Scratch, ui: &Ui) -> Result<Self> {
        let grounds = Grounds::new(&settings.follow_links);
        let mut path = SearchPath::of_user(&settings.python_path, grounds, scratch, ui)?;
        let (app, application) = web::split(&settings.app)?;
        if application.is_none() && settings.web != WebSettings::default() {
            let app = app.to_owned();
            return ProjectError::NoApplication { app }.raise();
        }
        let app = app::named(app, &mut path)?;
        path.add_deps();
        let site_packages =
            Detection::start(settings.site_packages.clone(), path.holds_installed());
        if app == settings.world.world_module {
            return ProjectError::AppIsWorldModule { module: app }.raise();
        }
        let mut project = Self {
            app,
            application: application.map(str::to_owned),
            path,
            packages: Vec::new(),
            site_packages: Some(site_packages),
        };
        if !project.holds_app() {
            project.complete(scratch, ui);
            if !project.holds_app() {
                return app_not_found(&project.app, &project.path).raise();
            }
        }
        Ok(project)
    }

    /// Adds site-packages to the search path, and looks for packages with WIT of their own.
    pub fn complete(&mut self, scratch: &Scratch, ui: &Ui) {
        if let Some(detection) = self.site_packages.take() {
            self.path.append(detection.finish(ui), scratch, ui);
            self.packages = packages::find(&self.path);
        }
    }

    /// The packages with WIT of their own and a valid configuration.
    pub fn packaged(&self) -> impl Iterator<Item = (&Package, &Content)> {
        let usable = self.packages.iter().filter_map(|package| {
            let content = package.content.as_ref().ok()?;
            Some((package, content))
        });
        usable.filter(|(_, content)| content.wit_directory.is_some())
    }

    /// The fault of a package: of the named one, or of the first broken one.
    pub fn take_fault(&mut self, module: Option<&str>) -> Option<UserError> {
        let index = self.packages.iter().position(|package| {
            package.content.is_err() && module.is_none_or(|module| package.module == module)
        })?;
        self.packages.remove(index).content.err()
    }

    /// A digest that differs between apps: of its name and the text of its own files. It does not depend on their
    /// place.
    pub fn digest_app(&self, digest: &mut Sha256) -> Result<()> {
        digest.update(self.app.as_bytes());
        let Some((root, _)) = self.path.module_file(&self.app) else {
            return Ok(());
        };
        for file in self.app_files(root)? {
            let name = file.strip_prefix(&root.host).unwrap_or(&file);
            let text = match self.path.grounds.read(root, &file, files::TEXT) {
                Ok(text) => text,
                // It is left out. If the app needs it, the import reports that.
                Err(Unusable::Stray { .. }) => continue,
                Err(reason) => {
                    let path = root.show(name);
                    return Err(files::unusable(&path, reason).into());
                }
            };
            digest.update([0]);
            digest.update(name.to_string_lossy().replace('\\', "/").as_bytes());
            digest.update([0]);
            digest.update(text.len().to_le_bytes());
            digest.update(&text);
        }
        Ok(())
    }
}
