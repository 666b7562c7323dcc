//! The path of our own linker: the program makes both components, and the state of the first becomes data of the second.

mod state;

use anyhow::Result;
use merge::{Draft, Phase, Program, Sizes};
use tokio::runtime::Runtime;
use wasmtime::component::Instance;
use wasmtime::{Store, WasmBacktrace};

use super::runnable::{Runnable, Usable};
use super::sandbox::Sandbox;
use ground::ui::Ui;

struct Merged<'a>(&'a Program<'a>);

/// The module that continues from the run, complete except for its data.
struct ToUse<'a> {
    program: &'a Program<'a>,
    draft: Draft<'a, 'a>,
}

pub fn prepare<'a>(
    program: &'a Program<'a>,
    ui: &Ui,
) -> Result<(Box<dyn Runnable<'a> + 'a>, Vec<u8>)> {
    let component = ui.stage("encoding", || program.draft(Phase::Build)?.component(None))?;
    Ok((Box::new(Merged(program)), component))
}

impl<'a> Runnable<'a> for Merged<'a> {
    fn has_exceptions(&self) -> bool {
        self.0.has_exceptions()
    }

    fn prepare_use(self: Box<Self>) -> Result<Box<dyn Usable<'a> + 'a>> {
        let program = self.0;
        let draft = program.draft(Phase::Use)?;
        Ok(Box::new(ToUse { program, draft }))
    }
}

impl<'a> Usable<'a> for ToUse<'a> {
    fn without(&self, libraries: &[&str]) -> Result<Option<Box<dyn Usable<'a> + 'a>>> {
        let program = self.program;
        let draft = program.draft_without(libraries)?;
        Ok(draft.map(|draft| Box::new(ToUse { program, draft }) as Box<dyn Usable<'a> + 'a>))
    }

    fn sizes(&self) -> Sizes {
        self.draft.sizes()
    }

    fn foreign_library(&self, error: &wasmtime::Error) -> Option<String> {
        let backtrace = error.downcast_ref::<WasmBacktrace>()?;
        // Functions have other numbers in the component that ran.
        let draft = self.program.draft(Phase::Build).ok()?;
        let mut frames = backtrace.frames().iter();
        let library = frames.find_map(|frame| draft.foreign_library(frame.func_index()))?;
        Some(library.to_owned())
    }

    fn snapshot(
        self: Box<Self>,
        store: &mut Store<Sandbox>,
        instance: Instance,
        runtime: &Runtime,
    ) -> Result<Vec<u8>> {
        let mut state = runtime.block_on(state::read(store, instance))?;
        self.draft.forget_unused(&mut state);
        self.draft.component(Some(&state))
    }
}
