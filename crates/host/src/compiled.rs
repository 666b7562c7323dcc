//! The user's cache of compiled code, as builds and `run` and `serve` use it: what is wrong with it is said, and is no reason to fail.

use std::sync::Arc;

use compiled_code::{Cache, Entry};
use wasmtime::Engine;
use wasmtime::component::Component;

use ground::ui::Ui;

/// Opens the cache. Where that cannot be done, the user hears why: with `-v`, or if the place is one that the user has chosen.
pub fn cache(ui: &Ui) -> Option<Arc<Cache>> {
    let reason = match Cache::of_user() {
        Ok(cache) => return Some(Arc::new(cache)),
        Err(reason) => reason,
    };
    let text = format!("compiled code is not kept, which makes every start slow: {reason}");
    if user_folders::is_cache_chosen() {
        ui.warn_once(text);
    } else {
        ui.detail_once(text);
    }
    None
}

/// The code of this entry, if it is there and fit to be executed.
pub fn read(entry: &Entry, engine: &Engine, ui: &Ui) -> Option<Component> {
    entry.read(engine).unwrap_or_else(|reason| {
        ui.detail_once(format!(
            "compiled code that was found is not used: {reason}"
        ));
        None
    })
}

/// Keeps the code for the next start.
pub fn write(entry: &Entry, component: &Component, ui: &Ui) {
    if let Err(reason) = entry.write(component) {
        ui.detail_once(format!("compiled code is not kept: {reason}"));
    }
}
