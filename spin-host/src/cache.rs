//! Compiled components, kept in the user's cache: compiling CPython takes seconds, loading the compiled code milliseconds.

use std::sync::Arc;

use anyhow::Result;
use compiled_code::Cache;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::say::say;

/// Opens the cache, or says why there is none.
pub fn open() -> Option<Arc<Cache>> {
    Cache::of_user()
        .map(Arc::new)
        .inspect_err(|reason| {
            say(&format!(
                "warning: compiled components are not kept: {reason}"
            ))
        })
        .ok()
}

/// The component, compiled now or earlier. A cache that cannot be used is not an error.
pub fn compile(cache: Option<&Arc<Cache>>, engine: &Engine, bytes: &[u8]) -> Result<Component> {
    let Some(cache) = cache else {
        return Ok(Component::new(engine, bytes)?);
    };
    let entry = cache.entry(engine, bytes);
    match entry.read(engine) {
        Ok(Some(component)) => return Ok(component),
        Ok(None) => {}
        Err(reason) => say(&format!(
            "warning: a compiled component is not used: {reason}"
        )),
    }
    let component = Component::new(engine, bytes)?;
    if let Err(reason) = entry.write(&component) {
        say(&format!(
            "warning: the compiled component is not kept: {reason}"
        ));
    }
    Ok(component)
}
