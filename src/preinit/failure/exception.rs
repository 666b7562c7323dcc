//! Errors for exceptions of the app's own code, by the last line of their traceback.

use std::path::PathBuf;

use ground::UserError;
use ground::files::{self, InputUnusable};

use super::Translator;
use crate::link::Unusable;
use crate::preinit::AppError;
use crate::preinit::absent::Absent;
use crate::project::{Advice, NativeFile};

impl Translator<'_> {
    pub(super) fn exception(&self, module: String, name: &str, detail: &str) -> UserError {
        if let Some(error) = self.unusable_extension(detail) {
            return error.into();
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
            if self.is_of_python(last, package) {
                return AppError::NameAbsent {
                    package: package.to_owned(),
                    name: item.to_owned(),
                    detail: self.told(detail),
                }
                .into();
            }
        }
        self.raised(module, name, last, detail)
    }

    /// The error for an exception that is about no module.
    fn raised(&self, module: String, name: &str, last: &str, detail: &str) -> UserError {
        if last.starts_with("MemoryError")
            && let Some(limit) = self.exhausted
        {
            return self.out_of_memory(limit, self.told(detail)).into();
        }
        if last.starts_with("SystemExit") {
            return AppError::AppExited {
                app: module,
                detail: self.told(detail),
            }
            .into();
        }
        let detail = self.told(detail);
        let mistake = if is_syntax_error(last) {
            AppError::AppUnparsable {
                app: module,
                detail,
            }
        } else if name.is_empty() {
            AppError::AppRaised {
                app: module,
                detail,
            }
        } else {
            AppError::ClassRaised {
                place: self.place(&module),
                class: name.to_owned(),
                detail,
            }
        };
        mistake.into()
    }

    fn not_in_intersection(&self, module: String, interface: String, detail: &str) -> UserError {
        let detail = self.told(detail);
        AppError::NotInIntersection {
            module,
            interface,
            detail,
        }
        .into()
    }

    pub(super) fn module_not_found(&self, name: &str, detail: &str) -> UserError {
        if let Some(error) = self.refused_module(name, detail) {
            return error;
        }
        let is_app = self.app == name || self.app.starts_with(&format!("{name}."));
        if is_app && detail.is_empty() {
            return crate::project::app_not_found(self.app, self.path).into();
        }
        let foreign_extension = self.foreign_extension(name);
        let top = name.split('.').next().unwrap_or_default();
        if foreign_extension.is_none()
            && !self.path.holds(top)
            && let Some(reason) = Absent::of(name)
        {
            return AppError::ModuleAbsent {
                module: name.to_owned(),
                reason,
                detail: self.told(detail),
            }
            .into();
        }
        AppError::ModuleNotFound {
            module: name.to_owned(),
            detail: self.told(detail),
            advice: match foreign_extension {
                Some(_) => Advice::Anywhere,
                None => self.path.advice(name),
            },
            foreign_extension,
        }
        .into()
    }

    /// Whether the last line of a traceback tells of a name of Python's standard library: of a file there, or of a module
    /// without a file, if the app has none of that name.
    fn is_of_python(&self, last: &str, package: &str) -> bool {
        let is_builtin = || last.contains("(unknown location)") && Absent::is_builtin(package);
        !self.path.holds(package) && (last.contains("(/python/") || is_builtin())
    }

    fn foreign_extension(&self, module: &str) -> Option<(PathBuf, String)> {
        self.path
            .roots
            .iter()
            .find_map(|root| root.foreign_extension(module))
    }

    /// The error for a file that must not be read, if the last line of a traceback is about that.
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

    /// The same for a module, or for its package.
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
        InputUnusable {
            path: self.path.show_guest_path(guest),
            reason: reason.clone(),
            detail: self.told(detail),
        }
        .into()
    }

    /// The error for an extension that could not be linked, if the traceback is about one: `from package import x` does not say why
    /// there is no `x`.
    fn unusable_extension(&self, detail: &str) -> Option<AppError> {
        let not_found: Vec<String> = (detail.lines().filter_map(name_not_found))
            .map(|(item, package)| format!("{package}.{item}"))
            .collect();
        let is_named = |module: &String| not_found.contains(module);
        let mut unusable = self.unusable.iter();
        let (file, reason) =
            unusable.find(|(file, _)| file.module.as_ref().is_some_and(is_named))?;
        Some(self.extension_unusable(file, reason, detail))
    }

    /// The same for an extension by its path in the guest.
    pub(super) fn unusable_library(&self, guest: &str, detail: &str) -> Option<AppError> {
        let mut unusable = self.unusable.iter();
        let (file, reason) = unusable.find(|(file, _)| file.guest == guest)?;
        Some(self.extension_unusable(file, reason, detail))
    }

    fn extension_unusable(&self, file: &NativeFile, reason: &Unusable, detail: &str) -> AppError {
        AppError::ExtensionUnusable {
            path: file.shown.clone(),
            reason: reason.clone(),
            detail: self.told(detail),
        }
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
