//! The two paths from linked libraries to a component with a snapshot, one for each linker.
//!
//! The build runs one component and writes another. Both come from here, and no other part of the build knows their linker.

use std::collections::BTreeSet;

use anyhow::Result;
use merge::{SeparateModule, Sizes};
use tokio::runtime::Runtime;
use wasmtime::Store;
use wasmtime::component::Instance;

use super::sandbox::Sandbox;
use super::{instrumented, merged};
use crate::link::Linked;
use ground::ui::Ui;

/// The component for the build, in bytes.
pub struct Program {
    pub component: Vec<u8>,
    /// The core modules that it imports.
    pub modules: Vec<SeparateModule>,
}

/// A component that the build can run, apart from its bytes.
pub trait Runnable<'a>: Send {
    /// Returns `true` if it throws or catches exceptions, which not every compiler supports.
    fn has_exceptions(&self) -> bool;

    /// Prepares all of the component that does not depend on the run; this takes place beside it.
    fn prepare_use(self: Box<Self>) -> Result<Box<dyn Usable<'a> + 'a>>;
}

/// The component to write, complete except for the state that the run leaves.
pub trait Usable<'a>: Send {
    /// The same without libraries that the run has not asked for; `None` if that needs another run.
    fn without(&self, libraries: &[&str]) -> Result<Option<Box<dyn Usable<'a> + 'a>>>;

    /// Code and data of each linked library, in bytes.
    fn sizes(&self) -> Sizes;

    /// The library of the search path whose code a trap happened in, or that called that code.
    fn foreign_library(&self, error: &wasmtime::Error) -> Option<String>;

    /// The component with the state of the instance.
    fn snapshot(
        self: Box<Self>,
        store: &mut Store<Sandbox>,
        instance: Instance,
        runtime: &Runtime,
    ) -> Result<Vec<u8>>;
}

/// The component for the build, and the next step from it.
pub fn prepare<'a>(
    linked: &'a Linked<'a>,
    taken_symbols: Option<&BTreeSet<String>>,
    ui: &Ui,
) -> Result<(Box<dyn Runnable<'a> + 'a>, Program)> {
    match linked {
        Linked::Merged(program) => merged::prepare(program, taken_symbols, ui),
        Linked::Component { component, sizes } => {
            let (runnable, component) = instrumented::prepare(component, sizes, ui)?;
            let modules = Vec::new();
            Ok((runnable, Program { component, modules }))
        }
    }
}
