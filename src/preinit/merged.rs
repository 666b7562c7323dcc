//! The path of our own linker: the program makes both components, and the state of the first becomes data of the second.

mod state;

use std::collections::BTreeSet;

use anyhow::Result;
use merge::{Draft, Phase, Program, Separate, Sizes};
use tokio::runtime::Runtime;
use wasmtime::component::Instance;
use wasmtime::{Store, WasmBacktrace};

use super::runnable::{self, Runnable, Usable};
use super::sandbox::Sandbox;
use ground::ui::Ui;

struct Merged<'a> {
    program: &'a Program<'a>,
    build: Form,
}

/// The form of the program in the component for the build.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Each library is a module, whose code is compiled once for all apps.
    Separate,
    Merged,
}

/// The module that continues from the run, complete except for its data.
struct ToUse<'a> {
    program: &'a Program<'a>,
    draft: Draft<'a, 'a>,
    build: Form,
}

pub fn prepare<'a>(
    program: &'a Program<'a>,
    taken_symbols: Option<&BTreeSet<String>>,
    ui: &Ui,
) -> Result<(Box<dyn Runnable<'a> + 'a>, runnable::Program)> {
    let (build, prepared) = ui.stage("encoding", || match program.separate(taken_symbols)? {
        Some(Separate { component, modules }) => {
            Ok((Form::Separate, runnable::Program { component, modules }))
        }
        None => {
            let component = program.draft(Phase::Build)?.component(None)?;
            let modules = Vec::new();
            Ok((Form::Merged, runnable::Program { component, modules }))
        }
    })?;
    Ok((Box::new(Merged { program, build }), prepared))
}

impl<'a> Runnable<'a> for Merged<'a> {
    fn has_exceptions(&self) -> bool {
        self.program.has_exceptions()
    }

    fn prepare_use(self: Box<Self>) -> Result<Box<dyn Usable<'a> + 'a>> {
        let Self { program, build } = *self;
        Ok(Box::new(ToUse {
            program,
            draft: program.draft(Phase::Use)?,
            build,
        }))
    }
}

impl<'a> Usable<'a> for ToUse<'a> {
    fn without(&self, libraries: &[&str]) -> Result<Option<Box<dyn Usable<'a> + 'a>>> {
        let Self { program, build, .. } = *self;
        let draft = program.draft_without(libraries)?;
        Ok(draft.map(|draft| {
            Box::new(ToUse {
                program,
                draft,
                build,
            }) as Box<dyn Usable<'a> + 'a>
        }))
    }

    fn sizes(&self) -> Sizes {
        self.draft.sizes()
    }

    fn foreign_library(&self, error: &wasmtime::Error) -> Option<String> {
        let backtrace = error.downcast_ref::<WasmBacktrace>()?;
        if self.build == Form::Separate {
            let mut modules = backtrace
                .frames()
                .iter()
                .filter_map(|frame| frame.module().name());
            let library = modules.find(|name| self.program.is_foreign(name))?;
            return Some(library.to_owned());
        }
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
