//! The path of `wit-component`'s linker: wizer instruments the component, and rewrites it with the state of the run. The suites
//! compare our own linker with it.

mod instance;
mod strip;

use anyhow::{Context as _, Result};
use merge::{INIT_INTERFACE, Sizes};
use tokio::runtime::Runtime;
use wasmtime::Store;
use wasmtime::component::Instance;
use wasmtime_wizer::{ComponentContext, Wizer};

use super::runnable::{Runnable, Usable};
use super::sandbox::Sandbox;
use ground::ui::Ui;

struct Instrumented<'a> {
    wizer: Wizer,
    context: ComponentContext<'a>,
    sizes: &'a Sizes,
}

pub fn prepare<'a>(
    component: &'a [u8],
    sizes: &'a Sizes,
    ui: &Ui,
) -> Result<(Box<dyn Runnable<'a> + 'a>, Vec<u8>)> {
    let wizer = Wizer::new();
    let (context, component) = ui
        .stage("instrumenting", || {
            Ok(wizer.instrument_component(component)?)
        })
        .context("failed to instrument the component")?;
    let instrumented = Instrumented {
        wizer,
        context,
        sizes,
    };
    Ok((Box::new(instrumented), component))
}

impl<'a> Runnable<'a> for Instrumented<'a> {
    /// Wizer refuses components with exceptions.
    fn has_exceptions(&self) -> bool {
        false
    }

    fn prepare_use(self: Box<Self>) -> Result<Box<dyn Usable<'a> + 'a>> {
        Ok(self)
    }
}

impl<'a> Usable<'a> for Instrumented<'a> {
    fn without(&self, _: &[&str]) -> Result<Option<Box<dyn Usable<'a> + 'a>>> {
        Ok(None)
    }

    fn sizes(&self) -> Sizes {
        self.sizes.clone()
    }

    /// The backtrace has numbers of modules that are not told apart here.
    fn foreign_library(&self, _error: &wasmtime::Error) -> Option<String> {
        None
    }

    fn snapshot(
        self: Box<Self>,
        store: &mut Store<Sandbox>,
        instance: Instance,
        runtime: &Runtime,
    ) -> Result<Vec<u8>> {
        let mut state = instance::State::new(store, instance);
        let snapshot = self.wizer.snapshot_component(&self.context, &mut state);
        strip::without_export(&runtime.block_on(snapshot)?, INIT_INTERFACE)
    }
}
