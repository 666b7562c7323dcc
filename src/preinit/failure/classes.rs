//! Errors for classes, methods and modules that the world requires and the app lacks.

use std::path::Path;

use super::Translator;
use crate::preinit::AppError;

impl Translator<'_> {
    /// `detail` has the method, the number of arguments in the world, and the reason.
    pub(super) fn wrong_parameters(&self, module: &str, class: String, detail: &str) -> AppError {
        let mut parts = detail.splitn(3, '\t');
        let mut part = || parts.next().unwrap_or_default();
        let (method, given, reason) = (part(), part(), part());
        AppError::ParametersWrong {
            place: self.place(module),
            example: self.expectations.method(module, &class, method),
            class,
            method: method.to_owned(),
            given: given.parse().unwrap_or_default(),
            reason: reason.to_owned(),
        }
    }

    /// `detail` has the module's file, and the type of the object with the class's name, if they exist.
    pub(super) fn class_missing(&self, module: String, class: String, detail: &str) -> AppError {
        let (file, actual) = detail.split_once('\t').unwrap_or((detail, ""));
        let example = self.expectations.class(&module, &class);
        if !actual.is_empty() {
            return AppError::ClassNotAClass {
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
            Some(interface) if module != self.app && !is_of_user => AppError::ResourceModuleTaken {
                module,
                class,
                interface: interface.to_owned(),
            },
            _ => AppError::ClassMissing {
                place: self.place(&module),
                class,
                example,
            },
        }
    }

    /// The error for a module that the search path lacks, if it should contain the resources of an interface.
    pub(super) fn resource_module_missing(&self, module: &str) -> Option<AppError> {
        let interface = self.expectations.interface(module)?;
        let (root, _) = self.path.module_file(self.app)?;
        let beside = self.app.rsplit_once('.').and_then(|(package, _)| {
            let (_, shown) = self.path.module_file(&format!("{package}.{module}"))?;
            Some(shown)
        });
        Some(AppError::ResourceModuleMissing {
            module: module.to_owned(),
            interface: interface.to_owned(),
            file: root.show(Path::new(&format!("{module}.py"))),
            beside,
            example: self.expectations.module(module),
        })
    }
}
