//! Resources of a call: numbers in its values, made before it and let go of after it.

use anyhow::{Context as _, Result, bail};
use wasmtime::AsContextMut as _;
use wasmtime::component::{ResourceAny, Type, Val};

use crate::roundtrip::component::Call;
use crate::roundtrip::handles::{give, replace, take_all};

use super::Running;

impl Running {
    /// Ends borrows, and takes back returned resources.
    pub fn settle(
        &mut self,
        lent: Vec<(ResourceAny, u32)>,
        returned: Option<(Val, Type)>,
    ) -> Result<Option<Val>> {
        let store = &mut self.store;
        self.runtime.block_on(async {
            let returned = match &returned {
                Some((value, ty)) => Some(take_all(store.as_context_mut(), value, ty).await?),
                None => None,
            };
            for (handle, number) in lent {
                let ours = !store.data().handles.is_guests(handle.ty());
                handle.resource_drop_async(store.as_context_mut()).await?;
                if ours {
                    // The guest never owned it, so dropping it calls nothing.
                    store.data_mut().handles.alive.remove(&number);
                }
            }
            Ok(returned)
        })
    }

    pub fn numbered(
        &mut self,
        call: &Call,
        params: &[Type],
        result: Option<&Type>,
    ) -> Result<Call> {
        let handles = &mut self.store.data_mut().handles;
        let mut next = |_: &Val, _: &Type| Ok(Val::U32(handles.number()));
        let arguments = call
            .arguments
            .iter()
            .zip(params)
            .map(|(value, ty)| replace(value, ty, &mut next));
        let arguments = arguments.collect::<Result<_>>()?;
        let answer = call
            .answer
            .iter()
            .zip(result)
            .map(|(value, ty)| replace(value, ty, &mut next))
            .next();
        Ok(Call {
            arguments,
            answer: answer.transpose()?,
        })
    }

    /// A resource with that number: the host's own, or one of the guest's that holds one of the host's.
    pub fn make(&mut self, ty: &Type, number: u32) -> Result<ResourceAny> {
        if let Some(handle) = give(self.store.as_context_mut(), ty, number)? {
            return Ok(handle);
        }
        let (Type::Own(wanted) | Type::Borrow(wanted)) = ty else {
            bail!("no resource type")
        };
        let maker = self.makers.iter().find(|(made, ..)| made == wanted);
        let (_, key, call) = maker
            .context("every resource of the guest's has a constructor")?
            .clone();
        let function = self.find(&key)?;
        self.store.data_mut().answers.insert(key, Val::U32(number));
        let mut results = [Val::Bool(false)];
        self.runtime.block_on(function.call_async(
            &mut self.store,
            &call.arguments,
            &mut results,
        ))?;
        match results {
            [Val::Resource(handle)] => Ok(handle),
            other => bail!("a constructor gave {other:?}"),
        }
    }
}
