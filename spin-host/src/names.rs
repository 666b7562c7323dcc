//! WASI 0.3 before its release: a component of spin-sdk 4.0.0 has the names `…@0.3.0-rc-2026-03-15` for what is, type by type,
//! Wasmtime's 0.3.0. The outermost imports and exports are renamed; the inner parts refer to them by index.
//!
//! A component that also has the released names keeps both, and calls of the older ones trap.

use std::borrow::Cow;

use anyhow::Result;
use wasm_encoder::reencode::{ReencodeComponent as _, RoundtripReencoder};
use wasm_encoder::{Component, ComponentExportSection, ComponentImportSection, RawSection};
use wasmparser::{ComponentExternName, Parser, Payload};

const CANDIDATE: &str = "@0.3.0-rc-2026-03-15";
const RELEASE: &str = "@0.3.0";

/// The component with the released names, or the same bytes if there is nothing to rename.
pub fn release(component: &[u8]) -> Result<Cow<'_, [u8]>> {
    let (mut candidates, mut released) = (false, false);
    for payload in top_level(component) {
        let mut note = |name: &str| {
            candidates |= name.ends_with(CANDIDATE);
            released |= name.ends_with(RELEASE);
        };
        match payload? {
            Payload::ComponentImportSection(section) => {
                for import in section {
                    note(import?.name.name);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    note(export?.name.name);
                }
            }
            _ => {}
        }
    }
    if !candidates || released {
        Ok(Cow::Borrowed(component))
    } else {
        rename(component).map(Cow::Owned)
    }
}

fn rename(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut reencoder = RoundtripReencoder;
    let mut component = Component::new();
    for payload in top_level(bytes) {
        let payload = payload?;
        match &payload {
            Payload::ComponentImportSection(section) => {
                let mut imports = ComponentImportSection::new();
                for import in section.clone() {
                    let import = import?;
                    let name = released_name(import.name.name);
                    imports.import(
                        with_name(import.name, &name),
                        reencoder.component_type_ref(import.ty)?,
                    );
                }
                component.section(&imports);
            }
            Payload::ComponentExportSection(section) => {
                let mut exports = ComponentExportSection::new();
                for export in section.clone() {
                    let export = export?;
                    let name = released_name(export.name.name);
                    let ty = export
                        .ty
                        .map(|ty| reencoder.component_type_ref(ty))
                        .transpose()?;
                    exports.export(
                        with_name(export.name, &name),
                        export.kind.into(),
                        export.index,
                        ty,
                    );
                }
                component.section(&exports);
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    component.section(&RawSection {
                        id,
                        data: &bytes[range],
                    });
                }
            }
        }
    }
    Ok(component.finish())
}

/// The sections of the outermost component, without those of its inner parts.
fn top_level(bytes: &[u8]) -> impl Iterator<Item = wasmparser::Result<Payload<'_>>> {
    let mut depth = 0_u32;
    Parser::new(0).parse_all(bytes).filter(move |payload| {
        let outside = depth == 0;
        match payload {
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
            Ok(Payload::End(_)) if depth > 0 => depth -= 1,
            _ => {}
        }
        outside
    })
}

fn released_name(name: &str) -> Cow<'_, str> {
    match name.strip_suffix(CANDIDATE) {
        Some(interface) if interface.starts_with("wasi:") => {
            Cow::Owned(format!("{interface}{RELEASE}"))
        }
        _ => Cow::Borrowed(name),
    }
}

fn with_name<'a>(
    all: ComponentExternName<'a>,
    name: &'a str,
) -> wasm_encoder::ComponentExternName<'a> {
    ComponentExternName { name, ..all }.into()
}
