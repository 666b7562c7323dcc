//! Turns a failure in the guest into an error in terms of the user's own files: [`exception`] reads tracebacks, and
//! [`classes`] reports missing classes and methods.

mod classes;
mod exception;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

use super::expectations::Expectations;
use super::imports::UnavailableImport;
use super::traceback;
use super::watch::{Activity, TimedOut};
use crate::contract::{Failure, FailureKind};
use crate::link::Unusable;
use crate::preinit::AppError;
use crate::project::web::ENTRY;
use crate::project::{NativeFile, SearchPath};
use ground::Mistake as _;
use ground::files;

/// The facts about the build that a translation needs.
pub struct Translator<'a> {
    pub app: &'a str,
    pub path: &'a SearchPath,
    pub expectations: &'a Expectations,
    /// Native extensions that could not be linked.
    pub unusable: &'a [(NativeFile, Unusable)],
    /// Files that the app asked for but must not have, by their path in the guest.
    pub refused: &'a [(String, files::Unusable)],
    pub verbose: bool,
    /// The app's activity at the time.
    pub activity: &'a Activity,
    /// The limit on its memory, if it was hit.
    pub exhausted: Option<usize>,
    /// The app's output, if it has not been shown yet.
    pub output: &'a str,
}

impl Translator<'_> {
    /// A failure that the runtime reported.
    pub fn failure(&self, failure: Failure) -> anyhow::Error {
        let Failure {
            kind,
            module,
            name,
            detail,
        } = failure;
        // Ours stands for the user's.
        let module = if module == ENTRY {
            self.app.to_owned()
        } else {
            module
        };
        match kind {
            FailureKind::ModuleNotFound => match self.resource_module_missing(&module) {
                Some(error) => error.error(),
                None => self.module_not_found(&name, "").into(),
            },
            FailureKind::Exception => self.exception(module, &name, &detail).into(),
            FailureKind::LibraryMissing => {
                let (file, detail) = detail.split_once('\t').unwrap_or(("", &detail));
                match self.unusable_library(file, detail) {
                    Some(error) => error.error(),
                    None => self.exception(module, &name, detail).into(),
                }
            }
            FailureKind::ImportUnavailable => AppError::ImportUnavailable {
                app: module,
                import: name,
                detail: self.told(&detail),
            }
            .error(),
            FailureKind::MissingClass => self.class_missing(module, name, &detail).error(),
            FailureKind::MissingMethod => AppError::MethodMissing {
                place: self.place(&module),
                example: self.expectations.method(&module, &name, &detail),
                class: name,
                method: detail,
            }
            .error(),
            FailureKind::Tampered => AppError::AppTampered {
                app: self.app.to_owned(),
                detail: self.told(&detail),
            }
            .error(),
            FailureKind::WrongParameters => self.wrong_parameters(&module, name, &detail).error(),
            FailureKind::WrongAsync => AppError::AsyncWrong {
                place: self.place(&module),
                example: self.expectations.method(&module, &name, &detail),
                class: name,
                method: detail,
            }
            .error(),
            FailureKind::ApplicationUnusable => AppError::ApplicationUnusable {
                reason: detail,
                hint: name,
            }
            .error(),
            // Too little memory was left to report that the application's import had taken it.
            FailureKind::Internal if let Some(limit) = self.exhausted => {
                let mut detail = String::new();
                self.append_output(&mut detail);
                self.out_of_memory(limit, detail).error()
            }
            FailureKind::Internal => {
                let mut text = format!("the guest runtime failed: {detail}");
                self.append_output(&mut text);
                anyhow!(text)
            }
        }
    }

    /// A trap, an exit, or a call of an import that the sandbox lacks. `library` is the library of the search path
    /// whose code it happened in.
    pub fn trap(&self, error: wasmtime::Error, library: Option<&str>) -> anyhow::Error {
        let app = self.app.to_owned();
        let mut detail = String::new();
        self.append_output(&mut detail);
        if let Some(limit) = self.exhausted {
            return self.out_of_memory(limit, detail).error();
        }
        if let Some(TimedOut(limit)) = error.downcast_ref() {
            return AppError::AppTimedOut {
                app,
                activity: self.activity.to_string(),
                limit: *limit,
                detail,
            }
            .error();
        }
        if error.is::<I32Exit>() {
            return AppError::AppExited { app, detail }.error();
        }
        if let Some(UnavailableImport(import)) = error.downcast_ref() {
            let import = import.clone();
            return AppError::ImportUnavailable {
                app,
                import,
                detail,
            }
            .error();
        }
        if let Some(library) = library {
            return AppError::ExtensionTrapped {
                path: self.shown(library),
                reason: error.root_cause().to_string(),
                detail,
            }
            .error();
        }
        if self.activity.has_begun()
            && let Some(trap) = error.downcast_ref::<Trap>()
        {
            let reason = trap.to_string();
            if self.verbose {
                let _ = write!(detail, "{error:?}");
            }
            return AppError::AppAborted {
                app,
                activity: self.activity.to_string(),
                reason,
                detail,
            }
            .error();
        }
        let mut text = "the guest trapped while the app was imported".to_owned();
        text.push_str(&detail);
        // Frames of wasm interest only us.
        let error = if self.verbose {
            anyhow::Error::from(error)
        } else {
            anyhow!(error.root_cause().to_string())
        };
        error.context(text)
    }

    fn out_of_memory(&self, limit: usize, detail: String) -> AppError {
        AppError::AppOutOfMemory {
            app: self.app.to_owned(),
            activity: self.activity.to_string(),
            limit,
            detail,
        }
    }

    /// The user's path of a file in the guest. A library that another needs has no path, only a name.
    fn shown(&self, guest: &str) -> PathBuf {
        let mut roots = self.path.roots.iter();
        let below = |root: &crate::project::Root| {
            let below = guest.strip_prefix(&root.guest)?.strip_prefix('/')?;
            Some(root.show(Path::new(below)))
        };
        roots
            .find_map(below)
            .unwrap_or_else(|| PathBuf::from(guest))
    }

    /// The traceback, followed by the app's output.
    fn told(&self, detail: &str) -> String {
        let mut text = if self.verbose {
            traceback::whole(detail, self.path)
        } else {
            traceback::clean(detail, self.path)
        };
        self.append_output(&mut text);
        text
    }

    fn append_output(&self, text: &mut String) {
        if self.output.trim().is_empty() {
            return;
        }
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str("it printed:");
        for line in self.output.trim_end().lines() {
            let _ = write!(text, "\n  {line}");
        }
    }

    /// The user's path of a module's file, or else the module's name.
    fn place(&self, module: &str) -> String {
        let module = if module.is_empty() { self.app } else { module };
        self.path.module_file(module).map_or_else(
            || module.to_owned(),
            |(_, shown)| shown.display().to_string(),
        )
    }
}
