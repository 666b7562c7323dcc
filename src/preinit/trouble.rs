//! The failure of an app's import, before it becomes a message for the user.

use wasmtime::Store;

use super::sandbox::Sandbox;
use super::watch::Activity;
use crate::contract::Failure;

/// The failure of the app's import.
pub struct Trouble {
    pub(super) cause: Cause,
    /// The app's output.
    pub(super) output: String,
    /// The app's activity at the time.
    pub(super) activity: Activity,
    /// The limit on its memory, if it was hit.
    pub(super) exhausted: Option<usize>,
}

impl Trouble {
    pub(super) fn new(cause: Cause, store: &Store<Sandbox>) -> Self {
        let sandbox = store.data();
        Self {
            cause,
            output: sandbox.output().text(),
            activity: sandbox.activity.clone(),
            exhausted: sandbox.memory.exhausted(),
        }
    }
}

pub(super) enum Cause {
    /// A failure of the app's own code, in the runtime's words.
    Failure(Failure),
    Trap {
        error: wasmtime::Error,
        /// `true` if it came before any code of the app: libraries start then.
        at_start: bool,
        /// The native extension, or a library of one, whose code it happened in.
        library: Option<String>,
    },
}

impl Trouble {
    /// A library that does not even start, and the reason.
    pub fn broken_library(&self) -> Option<(&str, String)> {
        match &self.cause {
            Cause::Trap {
                error,
                at_start: true,
                library: Some(library),
            } => Some((library, error.root_cause().to_string())),
            _ => None,
        }
    }
}
