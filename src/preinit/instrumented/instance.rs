//! Reads the state of the guest for the snapshot, with the dead C stack blanked out.

use wasmtime::Store;
use wasmtime::component::{Instance, WasmList};
use wasmtime_wizer::{ComponentInstanceState, WasmtimeWizerComponent};

use crate::preinit::sandbox::Sandbox;
use merge::STACK_SIZE;

/// The guest after its import.
pub struct State<'a> {
    inner: WasmtimeWizerComponent<'a, Sandbox>,
}

impl<'a> State<'a> {
    pub fn new(store: &'a mut Store<Sandbox>, instance: Instance) -> Self {
        Self {
            inner: WasmtimeWizerComponent { store, instance },
        }
    }

    /// The whole memory. No call is active, so the contents of the stack are useless and would only take space in the
    /// component.
    async fn memory(&mut self, instance: &str, func: &str) -> wasmtime::Result<Vec<u8>> {
        let missing = || wasmtime::format_err!("`{instance}#{func}` is not there");
        let WasmtimeWizerComponent {
            store,
            instance: guest,
        } = &mut self.inner;
        let (_, interface) = guest
            .get_export(&mut **store, None, instance)
            .ok_or_else(missing)?;
        let (_, function) = guest
            .get_export(&mut **store, Some(&interface), func)
            .ok_or_else(missing)?;
        let function = guest.get_typed_func::<(), (WasmList<u8>,)>(&mut **store, function)?;
        let (list,) = function.call_async(&mut **store, ()).await?;
        let mut memory = list.as_le_slice(&**store).to_vec();
        let stack = memory.len().min(STACK_SIZE as usize);
        memory[..stack].fill(0);
        Ok(memory)
    }
}

impl ComponentInstanceState for State<'_> {
    async fn call_func_ret_list_u8(
        &mut self,
        instance: &str,
        func: &str,
        contents: impl FnOnce(&[u8]) + Send,
    ) {
        // The trait has no way to fail, and wizer itself has added the accessor.
        let memory = self
            .memory(instance, func)
            .await
            .expect("the instrumented component exports its memory");
        contents(&memory);
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.inner.call_func_ret_s32(instance, func).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.inner.call_func_ret_s64(instance, func).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        self.inner.call_func_ret_f32(instance, func).await
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        self.inner.call_func_ret_f64(instance, func).await
    }
}
