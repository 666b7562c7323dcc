//! The user's Python side: which directories are searched, where the app lies, what its text is.
//!
//! Comes in: settings. Goes out: [`Project`]. Walks are sorted, so that the same tree gives the same result.

mod app;
mod search_path;
mod site_packages;

pub use app::app_not_found;
pub use search_path::{Root, SearchPath};

use site_packages::Detection;

use std::path::Path;

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use crate::cli::Componentize;
use crate::error::UserError;
use crate::ui::Ui;

/// Everything about the Python side of one build.
#[derive(Debug)]
pub struct Project {
    pub app: String,
    pub path: SearchPath,
    /// The search for site-packages, which may have to ask other programs.
    site_packages: Option<Detection>,
}

impl Project {
    /// Resolves the user's own part of the search path and looks for the app, so that a typo is reported at
    /// once. Site-packages are searched meanwhile; [`Project::complete`] adds them.
    pub fn open(settings: &Componentize, ui: &Ui) -> Result<Self> {
        let site_packages = Detection::start(settings.site_packages.clone());
        if settings.app == settings.world.world_module {
            return Err(UserError::AppIsWorldModule {
                module: settings.app.clone(),
            }
            .into());
        }
        if let Some((module, _)) = settings.module_worlds.first() {
            return Err(UserError::NotSupportedYet {
                option: "-m/--module-worlds".to_owned(),
                hint: format!(
                    "name the WIT and the world that `{module}` needs with `-d/--wit-path` and `-w/--world`"
                ),
            }
            .into());
        }
        let mut project = Self {
            app: settings.app.clone(),
            path: SearchPath::of_user(&settings.python_path, ui),
            site_packages: Some(site_packages),
        };
        if settings.world.wit_paths.is_empty() && !Path::new("wit").exists() {
            project.complete(ui);
            project.refuse_packaged_wit()?;
        }
        if !project.holds_app() {
            project.complete(ui);
            if !project.holds_app() {
                return Err(app_not_found(&project.app, &project.path).into());
            }
        }
        Ok(project)
    }

    /// Appends site-packages to the search path.
    pub fn complete(&mut self, ui: &Ui) {
        if let Some(detection) = self.site_packages.take() {
            self.path.append(detection.finish(ui));
        }
    }

    /// Without any WIT of the user's own, that of a package would have to serve.
    fn refuse_packaged_wit(&self) -> Result<()> {
        match self.path.roots.iter().find_map(Root::packaged_config) {
            Some(config) => Err(UserError::NotSupportedYet {
                option: config.display().to_string(),
                hint: "name the WIT and the world with `-d/--wit-path` and `-w/--world`".to_owned(),
            }
            .into()),
            None => Ok(()),
        }
    }

    /// A digest of what makes this app differ from others: its name and the text of its own files. It
    /// does not depend on where they lie.
    pub fn digest_app(&self, digest: &mut Sha256) -> Result<()> {
        digest.update(self.app.as_bytes());
        let Some((root, _)) = self.path.module_file(&self.app) else {
            return Ok(());
        };
        for file in self.app_files(root)? {
            let name = file.strip_prefix(&root.host).unwrap_or(&file);
            let text = fs_err::read(&file)?;
            digest.update([0]);
            digest.update(name.to_string_lossy().replace('\\', "/").as_bytes());
            digest.update([0]);
            digest.update(text.len().to_le_bytes());
            digest.update(&text);
        }
        Ok(())
    }
}
