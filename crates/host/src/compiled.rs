//! The user's cache of compiled code, for builds and for `run` and `serve`. A faulty cache is reported but never an
//! error.

use std::sync::Arc;

use compiled_code::{Cache, Entry, Loaded};
use wasmtime::Engine;

use ground::ui::Ui;

/// Opens the cache. If that fails, the user is told why: with `-v`, or if the user has chosen the place.
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

/// The code of this entry, if it exists and passes its check.
pub fn read<T: Loaded>(entry: &Entry, engine: &Engine, ui: &Ui) -> Option<T> {
    entry.read(engine).unwrap_or_else(|reason| {
        ui.detail_once(format!(
            "compiled code that was found is not used: {reason}"
        ));
        None
    })
}

/// Keeps the code for the next start.
pub fn write(entry: &Entry, code: &impl Loaded, ui: &Ui) {
    if let Err(reason) = entry.write(code) {
        ui.detail_once(format!("compiled code is not kept: {reason}"));
    }
}
