//! From the glue to the snapshot: link, import the app, and once more if it asked for other native extensions than were linked.
//!
//! Which extensions an app imports shows only when it is imported. The first run has those that its text names; the last one
//! has those that were asked for in it, so that a component carries no others and does not depend on the guess.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::artifacts::Guest;
use crate::cli::Compiler;
use crate::link::{self, Library, Linker, Own, Shelf, Sizes, Unusable};
use crate::preinit::{Expectations, Imported, Mount, Preinit};
use crate::project::{self, NativeFile, Project};
use crate::report::Report;
use crate::symbols::{MeasuredItem, NativeImports, RuntimeSettings, Symbols};
use crate::ui::Ui;

/// What all runs have in common.
pub struct Build<'a> {
    pub ui: &'a Ui,
    pub project: &'a Project,
    pub settings: RuntimeSettings,
    pub symbols: Symbols,
    pub mounts: Vec<Mount>,
    pub hidden_files: Vec<String>,
    pub seed: [u8; 32],
    pub compiler: Compiler,
    pub linker: Linker,
    pub keep_names: bool,
    pub expectations: Expectations,
    /// Whether the app is imported once more for [`Built::measured`].
    pub measure: bool,
}

/// The component after the app's import, and what a report on it needs.
pub struct Built {
    pub component: Vec<u8>,
    /// Of the libraries in it.
    pub sizes: Sizes,
    /// What Python has in memory; empty unless it was asked for.
    pub measured: Vec<MeasuredItem>,
}

impl Built {
    pub fn report(self) -> Result<Report> {
        Report::new(&self.component, &self.sizes, self.measured)
    }
}

impl Build<'_> {
    pub fn run(&self, guest: &Guest, glue: Library) -> Result<Built> {
        let own = Own::new(guest, glue);
        let files = self.ui.stage("looking for native extensions", || {
            Ok(project::native_files(&self.project.path))
        })?;
        let mut shelf = Shelf::new(&files, &own);
        let modules = (!files.is_empty()).then(|| guest.stdlib_modules());
        let mut asked = shelf.plausible(&self.project.may_import());
        let mut tried: Vec<BTreeSet<String>> = Vec::new();
        loop {
            let extensions = shelf.select(&asked);
            let mut libraries = own.needed(&extensions.libraries);
            libraries.extend(extensions.libraries);
            let linked = self.ui.stage("linking", || {
                link::link(&libraries, self.linker, self.keep_names)
            })?;
            let imports = shelf.native_imports(&extensions.linked, |name| {
                let of_stdlib = modules.as_ref().is_some_and(|all| all.contains(name));
                of_stdlib || self.project.path.holds(name)
            });
            let preinit = self.preinit(imports);
            let imported = preinit.import(&linked, self.ui)?;
            let mut next = imported.asked.clone();
            if imported.trouble.is_some() {
                // It went only so far: what it would have asked for then, nobody knows.
                next.extend(extensions.linked.iter().cloned());
            }
            let needs = shelf.select(&next);
            self.tell_difference(&extensions.linked, &needs.linked);
            tried.push(extensions.linked);
            // Should an app ask for something else each time, what it has now is as good as anything.
            if tried.contains(&needs.linked) {
                return self.finish(&preinit, imported, &with_files(&files, needs.unusable));
            }
            asked = next;
        }
    }

    fn preinit(&self, native_imports: Vec<(String, Vec<String>)>) -> Preinit<'_> {
        let named = |(extension, modules)| NativeImports { extension, modules };
        Preinit {
            settings: RuntimeSettings {
                native_imports: native_imports.into_iter().map(named).collect(),
                ..self.settings.clone()
            },
            symbols: &self.symbols,
            mounts: &self.mounts,
            hidden_files: &self.hidden_files,
            seed: self.seed,
            compiler: self.compiler,
            path: &self.project.path,
            expectations: &self.expectations,
        }
    }

    /// With `-v`, why the app is imported once more.
    fn tell_difference(&self, linked: &BTreeSet<String>, needed: &BTreeSet<String>) {
        for (note, one, other) in [("unused", linked, needed), ("wanted", needed, linked)] {
            for extension in one.difference(other) {
                self.ui.detail(format!("{:14}{note}: {extension}\n", ""));
            }
        }
    }

    fn finish(
        &self,
        preinit: &Preinit<'_>,
        mut imported: Imported<'_>,
        unusable: &[(NativeFile, Unusable)],
    ) -> Result<Built> {
        if let Some(trouble) = imported.trouble.take() {
            return Err(preinit.explain(trouble, unusable, self.ui));
        }
        for (file, reason) in unusable {
            // The app has done without it.
            let file = file.shown.display();
            self.ui
                .warn(format!("the app does without `{file}`, which {reason}"));
        }
        let measured = if self.measure {
            preinit.measure(&imported, self.ui)?
        } else {
            Vec::new()
        };
        Ok(Built {
            sizes: std::mem::take(&mut imported.sizes),
            component: imported.snapshot(self.ui)?,
            measured,
        })
    }
}

fn with_files(
    files: &[NativeFile],
    unusable: BTreeMap<String, Unusable>,
) -> Vec<(NativeFile, Unusable)> {
    let file = |guest: &String| files.iter().find(|file| file.guest == *guest).cloned();
    unusable
        .into_iter()
        .filter_map(|(guest, reason)| Some((file(&guest)?, reason)))
        .collect()
}
