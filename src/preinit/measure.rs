//! Imports the app once more, for `--report`: the interpreter notes the memory of each module, which changes that
//! memory. So nothing of this run gets into the component.

use anyhow::{Context as _, Result};
use wasmtime::Store;
use wasmtime::component::Instance;

use super::sandbox::Sandbox;
use super::watch::{Watch, watched};
use super::{Cause, Imported, Preinit, Trouble};
use crate::contract::{MeasuredItem, RuntimeSettings};
use ground::ui::{Stopped, Ui};

impl Preinit<'_> {
    /// The memory of Python after the import, item by item.
    pub fn measure(&self, imported: &Imported<'_>, ui: &Ui) -> Result<Vec<MeasuredItem>> {
        let measuring = Preinit {
            settings: RuntimeSettings {
                measure: true,
                ..self.settings.clone()
            },
            ..*self
        };
        let mut store = self.store(&imported.compiled.engine)?;
        let outcome = ui.stage("measuring the modules", || {
            let watch = Watch::new(&mut store, &self.limits, ui);
            let measured = measuring.import_and_ask(&mut store, imported);
            let outcome = imported.runtime.block_on(watched(watch.as_ref(), measured));
            drop(watch);
            Ok(outcome)
        })?;
        let cause = match outcome {
            Ok(Ok(measured)) => return Ok(measured),
            Ok(Err(failure)) => Cause::Failure(failure),
            Err(error) if error.is::<Stopped>() => return Err(Stopped.into()),
            Err(error) => Cause::Trap {
                error,
                at_start: false,
                library: None,
            },
        };
        let error = self.explain(Trouble::new(cause, &store), &[], &[], ui);
        Err(error).context("the app could not be imported once more for `--report`")
    }

    async fn import_and_ask(
        &self,
        store: &mut Store<Sandbox>,
        imported: &Imported<'_>,
    ) -> wasmtime::Result<Result<Vec<MeasuredItem>, crate::contract::Failure>> {
        let instance = super::instantiate(store, &imported.compiled).await?;
        let (instance, result, _) = self.call_init(store, instance).await?;
        match result {
            Ok(()) => Ok(Ok(ask(store, instance).await?)),
            Err(failure) => Ok(Err(failure)),
        }
    }
}

async fn ask(
    store: &mut Store<Sandbox>,
    instance: Instance,
) -> wasmtime::Result<Vec<MeasuredItem>> {
    let function = super::contract_function(store, &instance, "measured")?;
    let function = instance.get_typed_func::<(), (Vec<MeasuredItem>,)>(&mut *store, function)?;
    let (measured,) = function.call_async(&mut *store, ()).await?;
    Ok(measured)
}
