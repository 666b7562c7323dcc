//! A failed build for Python: which class of exception it is, and the texts for it.

use std::any::Any;

use componentize_py::UserError;
use componentize_py::ui::{self, Explained};
use pyo3::IntoPyObject;

/// A tuple in Python: `(kind, message, detail, hint)`. `componentize_py._errors` has a class for each kind.
#[derive(IntoPyObject)]
pub struct Failure(&'static str, String, Option<String>, Option<String>);

impl Failure {
    pub fn from_error(error: &anyhow::Error) -> Self {
        if let Some(error) = error.downcast_ref::<clap::Error>() {
            let text = error.render().to_string();
            return Self("usage", foreign_text::lines(&text).into_owned(), None, None);
        }
        let user = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<UserError>());
        let explained = Explained::new(error);
        let kind = match user {
            Some(user) => kind(user),
            None if explained.exit_code == ui::BUG => "internal",
            None => "file",
        };
        let mut message = explained.message;
        for cause in &explained.causes {
            message += &format!(": {}", cause.trim_end());
        }
        Self(kind, message, explained.detail, explained.hint)
    }

    pub fn from_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let text = format!("panic: {}", foreign_text::lines(text));
        Self("internal", text, None, None)
    }
}

/// Distinguishes the faults for callers: the WIT, the app, a name or option, or a file has to be changed.
fn kind(error: &UserError) -> &'static str {
    use UserError as E;
    match error {
        E::WitPathMissing { .. }
        | E::WitUnparsable { .. }
        | E::WitConflict { .. }
        | E::WitTooCostly { .. }
        | E::TypeChainTooLong { .. }
        | E::InterfaceChainTooLong { .. }
        | E::WorldUnknown { .. }
        | E::WorldWithoutWit { .. }
        | E::WorldAmbiguous { .. }
        | E::WorldNotNamed { .. }
        | E::NoWorld { .. }
        | E::WorldsConflict { .. }
        | E::WitNotSupportedYet { .. }
        | E::EmptyType { .. }
        | E::NamesClash { .. }
        | E::WorldInvalid { .. }
        | E::FixedListTooLong { .. }
        | E::TypeTooLarge { .. }
        | E::TypeTooDeep { .. }
        | E::TooManyFlags { .. } => "wit",
        E::AppNotFound { .. }
        | E::ModuleNotFound { .. }
        | E::AppRaised { .. }
        | E::ClassMissing { .. }
        | E::ClassNotAClass { .. }
        | E::ResourceModuleMissing { .. }
        | E::ResourceModuleTaken { .. }
        | E::MethodMissing { .. }
        | E::ImportUnavailable { .. }
        | E::ClassRaised { .. }
        | E::AppUnparsable { .. }
        | E::NotInIntersection { .. }
        | E::AppExited { .. }
        | E::AppTimedOut { .. }
        | E::AppOutOfMemory { .. }
        | E::AppAborted { .. }
        | E::AppTampered { .. }
        | E::ParametersWrong { .. }
        | E::AsyncWrong { .. }
        | E::DataTooLarge { .. }
        | E::ComponentTooLarge { .. }
        | E::ExtensionUnusable { .. }
        | E::ExtensionTrapped { .. }
        | E::SymbolTypesDiffer { .. } => "app",
        E::ModuleNameInvalid { .. }
        | E::ModuleNameTaken { .. }
        | E::AppIsWorldModule { .. }
        | E::ConfigUnreadable { .. }
        | E::ConfigKeyUnknown { .. }
        | E::ConfigValueWrong { .. }
        | E::ConfigPathMissing { .. }
        | E::ConfigPathOutside { .. }
        | E::ConfigPathNotModule { .. }
        | E::ConfigTwice { .. }
        | E::ModuleWithoutWit { .. }
        | E::WasiNeeded { .. } => "config",
        E::OutputUnwritable { .. }
        | E::OutputIsTerminal
        | E::OutputAndReport
        | E::TemporaryUnavailable { .. }
        | E::InputUnusable { .. } => "file",
        // From `run` and `serve`, which Python has only as commands.
        E::ComponentMissing { .. }
        | E::NotAComponent { .. }
        | E::ComponentInvalid { .. }
        | E::ImportsNotOffered { .. }
        | E::NotRunnable { .. }
        | E::NotServable { .. }
        | E::DirectoryUnavailable { .. }
        | E::AddressUnavailable { .. }
        | E::MemoryTooSmall { .. }
        | E::RunTimedOut { .. }
        | E::RunOutOfMemory { .. }
        | E::RunRaised { .. }
        | E::RunTrapped { .. }
        | E::ServeCutShort { .. } => "user",
    }
}
