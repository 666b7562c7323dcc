//! From the glue to the snapshot: link and import the app, and do so once more if it asked for other native extensions
//! than were linked.
//!
//! Only the app's import shows which extensions it uses. The first run has those that its text names. If it asked for others, there
//! is another run with those; what it did not ask for is left out of the component.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};

use crate::artifacts::Guest;
use crate::contract::{MeasuredItem, NativeImports, RuntimeSettings, Symbols};
use crate::files::{Files, Patterns, Sources};
use crate::link::{self, Extensions, Linked, Own, Shelf, Unusable};
use crate::preinit::{Expectations, Imported, Limits, Mount, Preinit, Trouble};
use crate::project::{self, Mentions, NativeFile, Project};
use crate::report::{Archive, Report};
use crate::settings::{Compiler, FileSettings, Linker};
use ground::files;
use ground::ui::{Stopped, Ui};
use ground::wording::about;
use merge::{Library, Sizes};

/// The inputs that all runs share.
pub struct Build<'a> {
    pub ui: &'a Ui,
    pub project: &'a Project,
    pub settings: RuntimeSettings,
    pub symbols: Symbols,
    pub mounts: Vec<Mount>,
    pub files: &'a FileSettings,
    pub patterns: &'a Patterns,
    pub hidden_files: Vec<String>,
    pub seed: [u8; 32],
    pub limits: Limits,
    pub compiler: Compiler,
    pub linker: Linker,
    pub keep_names: bool,
    /// `true` if the world needs an event loop.
    pub is_async: bool,
    /// `true` if the world has `wasi:sockets`.
    pub has_sockets: bool,
    /// `true` if sockets lead to `wasi:http` (`runtime/sockets.py`).
    pub carries_http: bool,
    pub expectations: Expectations,
    /// `true` to import the app once more for [`Built::measured`].
    pub measure: bool,
}

/// The component after the app's import, and the data for a report on it.
pub struct Built {
    pub component: Vec<u8>,
    /// Code and data of each linked library, in bytes.
    pub sizes: Sizes,
    /// The memory of Python; empty unless it was asked for.
    pub measured: Vec<MeasuredItem>,
    pub archive: Archive,
}

impl Built {
    pub fn report(self) -> Result<Report> {
        Report::new(&self.component, &self.sizes, self.measured, self.archive)
    }
}

impl Build<'_> {
    pub fn run(&self, guest: &Guest, glue: Library) -> Result<Built> {
        let own = Own::new(guest, glue, self.has_sockets);
        let mentions = self.project.may_import(&guest.quoted_codecs());
        let near = self.native_files(Some(&mentions))?;
        let attempt = Attempt {
            build: self,
            guest,
            own: &own,
            mentions: &mentions,
        };
        if let Some(built) = attempt.run(&near, false)? {
            return Ok(built);
        }
        let all = self.native_files(None)?;
        let built = attempt.run(&all, true)?;
        built.context("with all files at hand, there are others")
    }

    fn native_files(&self, mentions: Option<&Mentions>) -> Result<Vec<NativeFile>> {
        self.ui.stage("looking for native extensions", || {
            Ok(project::native_files(&self.project.path, mentions))
        })
    }

    fn preinit(&self, native_imports: Vec<(String, Vec<String>)>, own: &Own) -> Preinit<'_> {
        let named = |(extension, modules)| NativeImports { extension, modules };
        Preinit {
            settings: RuntimeSettings {
                native_imports: native_imports.into_iter().map(named).collect(),
                native_modules: own.modules().map(str::to_owned).collect(),
                ..self.settings.clone()
            },
            symbols: &self.symbols,
            mounts: &self.mounts,
            hidden_files: &self.hidden_files,
            seed: self.seed,
            limits: self.limits,
            compiler: self.compiler,
            app: &self.project.app,
            path: &self.project.path,
            expectations: &self.expectations,
        }
    }

    /// With `-v`, says why the app is imported once more.
    fn tell_difference(&self, linked: &BTreeSet<String>, needed: &BTreeSet<String>) {
        for (note, one, other) in [("unused", linked, needed), ("wanted", needed, linked)] {
            for extension in one.difference(other) {
                self.ui.detail(format!("{:14}{note}: {extension}\n", ""));
            }
        }
    }

    /// Reports files that the app has done without, or that would have been taken along as data.
    fn tell_refused(&self, refused: &[(String, files::Unusable)]) {
        const SHOWN: usize = 8;
        for (guest, reason) in refused.iter().take(SHOWN) {
            let file = self.project.path.show_guest_path(guest);
            let hint = reason.hint();
            let file = file.display();
            self.ui
                .warn(format!("`{file}` is left out: it {reason}; {hint}"));
        }
        if let Some(more) = refused.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            self.ui.warn(format!("{more} more are left out like these"));
        }
    }

    fn finish(
        &self,
        preinit: &Preinit<'_>,
        guest: &Guest,
        mut imported: Imported<'_>,
        unusable: &[(NativeFile, Unusable)],
    ) -> Result<Built> {
        let mut refused = std::mem::take(&mut imported.refused);
        if let Some(trouble) = imported.trouble.take() {
            return Err(preinit.explain(trouble, unusable, &refused, self.ui));
        }
        let files = self.collect_files(guest, &imported.wanted_files)?;
        imported.take_files(&files.archive)?;
        refused.extend(files.refused.iter().cloned());
        refused.sort_by(|a, b| a.0.cmp(&b.0));
        refused.dedup_by(|a, b| a.0 == b.0);
        self.tell_refused(&refused);
        self.tell_files(&files);
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
            archive: Archive {
                size: files.archive.len() as u64,
                entries: files.entries,
            },
        })
    }

    fn collect_files(&self, guest: &Guest, wanted: &[String]) -> Result<Files> {
        let path = &self.project.path;
        let sources = Sources {
            path,
            mounts: &self.mounts,
            hidden: &self.hidden_files,
            settings: self.files,
            patterns: self.patterns,
            is_alone: self.settings.stub_wasi,
            home: path
                .module_file(&self.project.app)
                .map(|(root, _)| root.guest.clone()),
            guest,
        };
        self.ui
            .stage("collecting the files", || sources.collect(wanted))
    }

    /// Reports files with keys, patterns without effect, and more files than anybody may want.
    fn tell_files(&self, files: &Files) {
        for guest in &files.secrets {
            let path = self.project.path.show_guest_path(guest);
            self.ui.warn(format!(
                "`{}` is left out: it holds a private key; read it from the host at run time, or name it with `--include`",
                path.display()
            ));
        }
        for pattern in &files.idle_patterns {
            self.ui
                .warn(format!("no file or module matches `{pattern}`"));
        }
        let stored: u64 = files.entries.iter().map(|entry| entry.stored).sum();
        if stored > MANY_FILES
            && let Some(largest) = files.entries.iter().max_by_key(|entry| entry.stored)
        {
            let path = self.project.path.show_guest_path(&largest.path);
            self.ui.warn(format!(
                "the component's files take {}, the largest is `{}`; leave files out with `--exclude`",
                about(stored),
                path.display()
            ));
        }
    }
}

/// Files that take more than this in a component are reported.
const MANY_FILES: u64 = 16 << 20;

/// Linking and importing with a given set of native files.
struct Attempt<'a> {
    build: &'a Build<'a>,
    guest: &'a Guest,
    own: &'a Own,
    mentions: &'a Mentions,
}

impl Attempt<'_> {
    /// `None` if the app asks for a file that is not among `files`, which are not all.
    fn run(&self, files: &[NativeFile], are_all: bool) -> Result<Option<Built>> {
        let (build, own) = (self.build, self.own);
        let mut shelf = Shelf::new(files, own);
        let stdlib = (!files.is_empty()).then(|| self.guest.stdlib_modules());
        let mut asked = shelf.plausible(self.mentions);
        asked.extend(self.guest.plausible_modules(self.mentions, build.is_async));
        if build.carries_http && !build.is_async {
            asked.remove("_socket"); // only the event loop's own import comes before its replacement
        }
        let mut tried: Vec<BTreeSet<String>> = Vec::new();
        loop {
            let extensions = shelf.select(&asked);
            let modules = own.modules_among(&asked);
            let libraries = self.libraries(&extensions, &modules);
            let imports = shelf.native_imports(&extensions.linked, |name| {
                let of_stdlib = stdlib.as_ref().is_some_and(|all| all.contains(name));
                of_stdlib || build.project.path.holds(name)
            });
            let preinit = build.preinit(imports, own);
            let linked = match self.link(&libraries) {
                Ok(linked) => linked,
                Err(error) => {
                    self.blame(&mut shelf, &extensions.linked, &preinit, error)?;
                    continue;
                }
            };
            let has_extensions = !extensions.libraries.is_empty();
            let taken_symbols = (!has_extensions).then_some(&own.taken_symbols);
            let prepared = match preinit.prepare(&linked, taken_symbols, build.ui) {
                Ok(prepared) => prepared,
                Err(error) => {
                    self.blame(&mut shelf, &extensions.linked, &preinit, error)?;
                    continue;
                }
            };
            let mut imported = preinit.import(prepared, build.ui)?;
            if let Some((library, reason)) =
                imported.trouble.as_ref().and_then(Trouble::broken_library)
                && shelf.refuse_users(library, &extensions.linked, &Unusable::TrapsAtStart(reason))
            {
                continue;
            }
            let mut next = imported.asked.clone();
            if imported.trouble.is_some() {
                // The run stopped early, so its later requests are unknown.
                next.extend(extensions.linked.iter().chain(&modules).cloned());
            }
            let needs = shelf.select(&next);
            if !are_all && (shelf.lacks(&next) || needs.lack_libraries()) {
                return Ok(None);
            }
            let linked = &extensions.linked | &modules;
            let needed = &needs.linked | &own.modules_among(&next);
            build.tell_difference(&linked, &needed);
            let is_enough = needed.is_subset(&linked);
            tried.push(linked);
            // If the requests never settle, keep the current set rather than loop for ever.
            if tried.contains(&needed)
                || is_enough && self.leave_out(&mut imported, &libraries, &needs, &next)?
            {
                let unusable = with_files(files, needs.unusable);
                return build
                    .finish(&preinit, self.guest, imported, &unusable)
                    .map(Some);
            }
            asked = next;
        }
    }

    /// Leaves out of the component the libraries that the app did not ask for; returns whether that was possible.
    fn leave_out(
        &self,
        imported: &mut Imported<'_>,
        libraries: &[Library],
        needs: &Extensions,
        asked: &BTreeSet<String>,
    ) -> Result<bool> {
        let kept = self.libraries(needs, &self.own.modules_among(asked));
        let kept: BTreeSet<&str> = kept.iter().map(|library| &*library.name).collect();
        let names = libraries.iter().map(|library| &*library.name);
        let unused: Vec<&str> = names.filter(|name| !kept.contains(name)).collect();
        imported.leave_out(&unused, self.build.ui)
    }

    /// The needed libraries of ours, the selected extensions, and their types for `ctypes`.
    fn libraries(&self, extensions: &Extensions, modules: &BTreeSet<String>) -> Vec<Library> {
        let mut libraries = self.own.needed(&extensions.libraries, modules);
        libraries.extend(extensions.libraries.iter().cloned());
        libraries.extend(link::signatures(&libraries));
        libraries
    }

    fn link<'l>(&self, libraries: &'l [Library]) -> Result<Linked<'l>> {
        let build = self.build;
        build.ui.stage("linking", || {
            link::link(libraries, build.linker, build.keep_names)
        })
    }

    /// Finds the extension without which those before it can be linked, and refuses it from now on: an app may do
    /// without it. If no extension is at fault, the error is ours.
    fn blame(
        &self,
        shelf: &mut Shelf<'_>,
        linked: &BTreeSet<String>,
        preinit: &Preinit<'_>,
        error: anyhow::Error,
    ) -> Result<()> {
        if linked.is_empty() || error.is::<Stopped>() {
            return Err(error);
        }
        let try_with = |shelf: &mut Shelf<'_>, extensions: &BTreeSet<String>| -> Result<()> {
            let libraries = self.libraries(&shelf.select(extensions), &BTreeSet::new());
            let linked = self.link(&libraries)?;
            preinit.prepare(&linked, None, self.build.ui).map(drop)
        };
        let mut extensions = BTreeSet::new();
        if try_with(shelf, &extensions).is_err() {
            return Err(error);
        }
        for extension in linked {
            extensions.insert(extension.clone());
            if let Err(reason) = try_with(shelf, &extensions) {
                let reason = Unusable::Unlinkable(format!("{reason:#}"));
                shelf.refuse(extension, reason);
                return Ok(());
            }
        }
        Err(error)
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
