//! Turns what went wrong in the guest into an error that speaks of the user's own files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

use super::expectations::Expectations;
use super::imports::UnavailableImport;
use super::traceback;
use super::watch::{Activity, TimedOut};
use crate::error::UserError;
use crate::files;
use crate::link::Unusable;
use crate::project::{NativeFile, SearchPath};
use crate::symbols::{Failure, FailureKind};

/// What `dlopen` says of a library that is not there (`runtime/dl.c`).
const NOT_LINKED: &str = "not among the libraries";

/// What a translation needs to know about the build.
pub struct Translator<'a> {
    pub app: &'a str,
    pub path: &'a SearchPath,
    pub expectations: &'a Expectations,
    /// Native extensions that could not be linked.
    pub unusable: &'a [(NativeFile, Unusable)],
    /// What the app asked for and must not have, by its path in the guest.
    pub refused: &'a [(String, files::Unusable)],
    pub verbose: bool,
    /// What the app was at.
    pub activity: &'a Activity,
    /// The limit on its memory, if it has hit it.
    pub exhausted: Option<usize>,
    /// What the app printed, if it has not been shown yet.
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
        match kind {
            FailureKind::ModuleNotFound => match self.resource_module_missing(&module) {
                Some(error) => error.into(),
                None => self.module_not_found(&name, "").into(),
            },
            FailureKind::Exception => self.exception(module, &name, &detail).into(),
            FailureKind::MissingClass => self.class_missing(module, name, &detail).into(),
            FailureKind::MissingMethod => UserError::MethodMissing {
                place: self.place(&module),
                example: self.expectations.method(&module, &name, &detail),
                class: name,
                method: detail,
            }
            .into(),
            FailureKind::Tampered => UserError::AppTampered {
                app: self.app.to_owned(),
                detail: self.told(&detail),
            }
            .into(),
            FailureKind::WrongParameters => self.wrong_parameters(&module, name, &detail).into(),
            FailureKind::WrongAsync => UserError::AsyncWrong {
                place: self.place(&module),
                example: self.expectations.method(&module, &name, &detail),
                class: name,
                method: detail,
            }
            .into(),
            FailureKind::DataTooLarge => UserError::DataTooLarge {
                path: self.path.show_guest_path(&name),
                size: detail.parse().unwrap_or_default(),
            }
            .into(),
            // There was too little memory left to say that it was the application's import that took it.
            FailureKind::Internal if let Some(limit) = self.exhausted => {
                self.out_of_memory(limit, String::new()).into()
            }
            FailureKind::Internal => {
                let mut text = format!("the guest runtime failed: {detail}");
                self.append_output(&mut text);
                anyhow!(text)
            }
        }
    }

    /// A trap, an exit, or a call of an import that the sandbox does not have. `library` is the one of the search path whose code
    /// it happened in.
    pub fn trap(&self, error: wasmtime::Error, library: Option<&str>) -> anyhow::Error {
        let app = self.app.to_owned();
        let mut detail = String::new();
        self.append_output(&mut detail);
        if let Some(limit) = self.exhausted {
            return self.out_of_memory(limit, detail).into();
        }
        if let Some(TimedOut(limit)) = error.downcast_ref() {
            return UserError::AppTimedOut {
                app,
                activity: self.activity.to_string(),
                limit: *limit,
                detail,
            }
            .into();
        }
        if error.is::<I32Exit>() {
            return UserError::AppExited { app, detail }.into();
        }
        if let Some(UnavailableImport(import)) = error.downcast_ref() {
            let import = import.clone();
            return UserError::ImportUnavailable {
                app,
                import,
                detail,
            }
            .into();
        }
        if let Some(library) = library {
            return UserError::ExtensionTrapped {
                path: self.shown(library),
                reason: error.root_cause().to_string(),
                detail,
            }
            .into();
        }
        if self.activity.has_begun()
            && let Some(trap) = error.downcast_ref::<Trap>()
        {
            let reason = trap.to_string();
            if self.verbose {
                let _ = write!(detail, "{error:?}");
            }
            return UserError::AppAborted {
                app,
                activity: self.activity.to_string(),
                reason,
                detail,
            }
            .into();
        }
        let mut text = "the guest trapped while the app was imported".to_owned();
        text.push_str(&detail);
        // Frames of wasm interest nobody but us.
        let error = if self.verbose {
            anyhow::Error::from(error)
        } else {
            anyhow!(error.root_cause().to_string())
        };
        error.context(text)
    }

    fn out_of_memory(&self, limit: usize, detail: String) -> UserError {
        UserError::AppOutOfMemory {
            app: self.app.to_owned(),
            activity: self.activity.to_string(),
            limit,
            detail,
        }
    }

    fn exception(&self, module: String, name: &str, detail: &str) -> UserError {
        if let Some(error) = self.unusable_extension(detail) {
            return error;
        }
        let last = detail.trim_end().lines().last().unwrap_or_default();
        if let Some(error) = self.refused_file(name, last, detail) {
            return error;
        }
        if last.starts_with("ModuleNotFoundError: ") && last.contains(&format!("'{name}'")) {
            if let Some(interface) = self.expectations.dropped(name) {
                return self.not_in_intersection(name.to_owned(), interface, detail);
            }
            return self.module_not_found(name, detail);
        }
        if let Some((item, package)) = name_not_found(last) {
            let submodule = format!("{package}.{item}");
            if let Some(interface) = self.expectations.dropped(&submodule) {
                return self.not_in_intersection(submodule, interface, detail);
            }
            // The package itself may be a directory beside its compiled file.
            for module in [submodule.as_str(), package] {
                if self.foreign_extension(module).is_some() {
                    return self.module_not_found(module, detail);
                }
            }
        }
        if last.starts_with("MemoryError")
            && let Some(limit) = self.exhausted
        {
            return self.out_of_memory(limit, self.told(detail));
        }
        if last.starts_with("SystemExit") {
            return UserError::AppExited {
                app: module,
                detail: self.told(detail),
            };
        }
        let unavailable = last
            .strip_prefix("RuntimeError: the import `")
            .filter(|rest| rest.contains("while the component is being built"))
            .and_then(|rest| rest.split('`').next());
        if let Some(import) = unavailable {
            return UserError::ImportUnavailable {
                app: module,
                import: import.to_owned(),
                detail: self.told(detail),
            };
        }
        let detail = self.told(detail);
        if is_syntax_error(last) {
            UserError::AppUnparsable {
                app: module,
                detail,
            }
        } else if name.is_empty() {
            UserError::AppRaised {
                app: module,
                detail,
            }
        } else {
            UserError::ClassRaised {
                place: self.place(&module),
                class: name.to_owned(),
                detail,
            }
        }
    }

    fn not_in_intersection(&self, module: String, interface: String, detail: &str) -> UserError {
        UserError::NotInIntersection {
            module,
            interface,
            detail: self.told(detail),
        }
    }

    fn module_not_found(&self, name: &str, detail: &str) -> UserError {
        if let Some(error) = self.refused_module(name, detail) {
            return error;
        }
        let is_app = self.app == name || self.app.starts_with(&format!("{name}."));
        if is_app && detail.is_empty() {
            return crate::project::app_not_found(self.app, self.path);
        }
        UserError::ModuleNotFound {
            module: name.to_owned(),
            detail: self.told(detail),
            foreign_extension: self.foreign_extension(name),
        }
    }

    fn foreign_extension(&self, module: &str) -> Option<(PathBuf, String)> {
        self.path
            .roots
            .iter()
            .find_map(|root| root.foreign_extension(module))
    }

    /// The error for a file that must not be read, if that is what the last line of a traceback is about.
    fn refused_file(&self, name: &str, last: &str, detail: &str) -> Option<UserError> {
        let is_named = |(guest, _): &&(String, _)| last.contains(&format!("'{guest}'"));
        if let Some((guest, reason)) = self.refused.iter().find(is_named) {
            return Some(self.unusable_input(guest, reason, detail));
        }
        if let Some((item, package)) = name_not_found(last) {
            return self.refused_module(&format!("{package}.{item}"), detail);
        }
        last.starts_with("ModuleNotFoundError: ")
            .then(|| self.refused_module(name, detail))?
    }

    /// The same for a module, or a package that it would lie in.
    fn refused_module(&self, name: &str, detail: &str) -> Option<UserError> {
        let module = name.replace('.', "/");
        let is_it = |(guest, _): &&(String, _)| {
            self.path.roots.iter().any(|root| {
                let below = guest
                    .strip_prefix(&root.guest)
                    .and_then(|rest| rest.strip_prefix('/'));
                let (directory, file) = match below.and_then(|below| below.rsplit_once('/')) {
                    Some((directory, file)) => (format!("{directory}/"), file),
                    None => (String::new(), below.unwrap_or_default()),
                };
                let stem = file.split('.').next().unwrap_or_default();
                let path = format!("{directory}{stem}");
                !stem.is_empty() && (module == path || module.starts_with(&format!("{path}/")))
            })
        };
        let (guest, reason) = self.refused.iter().find(is_it)?;
        Some(self.unusable_input(guest, reason, detail))
    }

    fn unusable_input(&self, guest: &str, reason: &files::Unusable, detail: &str) -> UserError {
        UserError::InputUnusable {
            path: self.path.show_guest_path(guest),
            reason: reason.clone(),
            detail: self.told(detail),
        }
    }

    /// The error for an extension that `dlopen` had to refuse, if that is what this traceback is about. `from package import x`
    /// does not say why there is no `x`.
    fn unusable_extension(&self, detail: &str) -> Option<UserError> {
        let not_found: Vec<String> = (detail.lines().filter_map(name_not_found))
            .map(|(item, package)| format!("{package}.{item}"))
            .collect();
        let (file, reason) = self.unusable.iter().find(|(file, _)| {
            let is_named = |module: &String| not_found.contains(module);
            detail.contains(&format!("{}: {NOT_LINKED}", file.guest))
                || file.module.as_ref().is_some_and(is_named)
        })?;
        Some(UserError::ExtensionUnusable {
            path: file.shown.clone(),
            reason: reason.clone(),
            detail: self.told(detail),
        })
    }

    /// A file by its path in the guest as the user would type it; a library that another needs has no path, only a name.
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

    /// The traceback, and after it what the app printed.
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

    /// The file of a module as the user typed it, else the module's name.
    fn place(&self, module: &str) -> String {
        let module = if module.is_empty() { self.app } else { module };
        self.path.module_file(module).map_or_else(
            || module.to_owned(),
            |(_, shown)| shown.display().to_string(),
        )
    }

    /// `detail` has the method, how many arguments the world gives it, and the reason.
    fn wrong_parameters(&self, module: &str, class: String, detail: &str) -> UserError {
        let mut parts = detail.splitn(3, '\t');
        let mut part = || parts.next().unwrap_or_default();
        let (method, given, reason) = (part(), part(), part());
        UserError::ParametersWrong {
            place: self.place(module),
            example: self.expectations.method(module, &class, method),
            class,
            method: method.to_owned(),
            given: given.parse().unwrap_or_default(),
            reason: reason.to_owned(),
        }
    }

    /// `detail` has the file that the module is, and the type of what has the class's name, each if there is one.
    fn class_missing(&self, module: String, class: String, detail: &str) -> UserError {
        let (file, actual) = detail.split_once('\t').unwrap_or((detail, ""));
        let example = self.expectations.class(&module, &class);
        if !actual.is_empty() {
            return UserError::ClassNotAClass {
                place: self.place(&module),
                class,
                actual: actual.to_owned(),
                example,
            };
        }
        let is_under = |guest: &str| {
            file.strip_prefix(guest)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let is_of_user = self.path.roots.iter().any(|root| is_under(&root.guest));
        match self.expectations.interface(&module) {
            Some(interface) if module != self.app && !is_of_user => {
                UserError::ResourceModuleTaken {
                    module,
                    class,
                    interface: interface.to_owned(),
                }
            }
            _ => UserError::ClassMissing {
                place: self.place(&module),
                class,
                example,
            },
        }
    }

    /// The error for a module that the search path does not hold, if the resources of an interface belong into it.
    fn resource_module_missing(&self, module: &str) -> Option<UserError> {
        let interface = self.expectations.interface(module)?;
        let (root, _) = self.path.module_file(self.app)?;
        let beside = self.app.rsplit_once('.').and_then(|(package, _)| {
            let (_, shown) = self.path.module_file(&format!("{package}.{module}"))?;
            Some(shown)
        });
        Some(UserError::ResourceModuleMissing {
            module: module.to_owned(),
            interface: interface.to_owned(),
            file: root.show(Path::new(&format!("{module}.py"))),
            beside,
            example: self.expectations.module(module),
        })
    }
}

/// "cannot import name 'item' from 'package' (...)", or "... from partially initialized module 'package' (...)".
fn name_not_found(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once("cannot import name '")?;
    let (item, rest) = rest.split_once("' from ")?;
    let package = rest.split('\'').nth(1)?;
    Some((item, package))
}

fn is_syntax_error(line: &str) -> bool {
    ["SyntaxError: ", "IndentationError: ", "TabError: "]
        .iter()
        .any(|kind| line.starts_with(kind))
}
