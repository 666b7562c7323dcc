//! Sections `component-type`, in which a library declares its imports from the host.

use wasmparser::{Parser, Payload};
use wit_component::metadata;
use wit_parser::WorldKey;

use crate::link::interface::Unfit;

/// Refuses worlds that cannot be read, and those that export something: only the app's world does.
pub fn check(wasm: &[u8]) -> Result<(), Unfit> {
    let is_one = |payload: &wasmparser::Result<Payload<'_>>| matches!(payload, Ok(Payload::CustomSection(section)) if section.name().starts_with("component-type"));
    if !Parser::new(0)
        .parse_all(wasm)
        .any(|payload| is_one(&payload))
    {
        return Ok(());
    }
    let (_, found) = metadata::decode(wasm)
        .map_err(|error| Unfit::Misshapen(format!("its world cannot be read: {error}")))?;
    let world = &found.resolve.worlds[found.world];
    if let Some((key, _)) = world.exports.iter().next() {
        let name = match key {
            WorldKey::Name(name) => name.clone(),
            WorldKey::Interface(id) => found.resolve.id_of(*id).unwrap_or_default(),
        };
        return Err(Unfit::Misshapen(format!(
            "it exports `{name}` to the host, which only the app's world may"
        )));
    }
    Ok(())
}
