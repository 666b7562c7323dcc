//! A component file: its kind, its exports and imports, and its compiled form.

use ground::Mistake as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};
use wasmparser::types::TypesRef;
use wasmparser::{Parser, Payload, ValidPayload, Validator, WasmFeatures};
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre};

use super::state::{StoreState, linker};
use crate::HostError;
use crate::compiled;
use ground::UserError;
use ground::files;
use ground::ui::Ui;

/// The interface that starts a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// `wasi:cli/run@0.2.x`
    Run2,
    /// `wasi:cli/run@0.3.x`
    Run3,
    /// `wasi:http/incoming-handler@0.2.x`
    Http2,
    /// `wasi:http/handler@0.3.x`
    Http3,
}

/// A component that has been read, but not compiled yet.
pub struct ComponentFile {
    pub path: PathBuf,
    wasm: Vec<u8>,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl ComponentFile {
    pub fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            return HostError::ComponentMissing {
                path: path.to_owned(),
            }
            .raise();
        }
        let wasm =
            files::read(path, files::BINARY).map_err(|reason| files::unusable(path, reason))?;
        let mut program = Self {
            path: path.to_owned(),
            wasm,
            imports: Vec::new(),
            exports: Vec::new(),
        };
        if !Parser::is_component(&program.wasm) {
            return HostError::NotAComponent {
                path: program.path,
                found: kind_of(&program.wasm),
            }
            .raise();
        }
        program
            .read_outline()
            .map_err(|error| program.invalid_because(error.to_string()))?;
        Ok(program)
    }

    /// The names of imports and exports, without reading the modules.
    fn read_outline(&mut self) -> wasmparser::Result<()> {
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(&self.wasm) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        self.imports.push(import?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        self.exports.push(export?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The interface through which `run` starts it.
    pub fn command(&self) -> Result<Interface> {
        let found = self
            .find("wasi:cli/run@0.2.", Interface::Run2)
            .or_else(|| self.find("wasi:cli/run@0.3.", Interface::Run3));
        found.ok_or_else(|| {
            HostError::NotRunnable {
                path: self.path.clone(),
                exports: self.exports.clone(),
                serves: self.handler().is_ok(),
            }
            .error()
        })
    }

    /// The interface through which `serve` passes requests to it.
    pub fn handler(&self) -> Result<Interface> {
        let found = self
            .find("wasi:http/incoming-handler@0.2.", Interface::Http2)
            .or_else(|| self.find("wasi:http/handler@0.3.", Interface::Http3));
        found.ok_or_else(|| {
            HostError::NotServable {
                path: self.path.clone(),
                exports: self.exports.clone(),
                runs: self
                    .exports
                    .iter()
                    .any(|name| name.starts_with("wasi:cli/run@")),
            }
            .error()
        })
    }

    fn find(&self, prefix: &str, interface: Interface) -> Option<Interface> {
        let found = self.exports.iter().any(|name| name.starts_with(prefix));
        found.then_some(interface)
    }

    /// The compiled component with all its imports, ready to be instantiated. It is compiled once and kept.
    pub fn link(&self, engine: &Engine, ui: &Ui) -> Result<InstancePre<StoreState>> {
        let imports = self.not_offered();
        if !imports.is_empty() {
            let path = self.path.clone();
            return HostError::ImportsNotOffered { path, imports }.raise();
        }
        let component = self.compile(engine, ui)?;
        linker(engine)?
            .instantiate_pre(&component)
            .map_err(|error| self.invalid(&error).into())
    }

    /// The imports that we lack, found without compiling, which takes long.
    fn not_offered(&self) -> Vec<String> {
        let foreign = |name: &&String| !name.starts_with("wasi:");
        if !self.imports.iter().any(|name| foreign(&name)) {
            return Vec::new();
        }
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let mut types = None;
        for payload in Parser::new(0).parse_all(&self.wasm) {
            match payload.and_then(|payload| validator.payload(&payload)) {
                Ok(ValidPayload::End(end)) => types = Some(end),
                Ok(_) => {}
                // The compiler reports the fault.
                Err(_) => return Vec::new(),
            }
        }
        let Some(types) = &types else {
            return Vec::new();
        };
        let is_needed = |name: &&String| {
            let item = types.as_ref().component_item_for_import(name);
            item.is_none_or(|item| needs_host(types.as_ref(), item.ty))
        };
        let missing = self.imports.iter().filter(foreign).filter(is_needed);
        missing.cloned().collect()
    }

    fn compile(&self, engine: &Engine, ui: &Ui) -> Result<Component> {
        let mut entry = None;
        let kept = ui.stage("looking for compiled code", || {
            entry = compiled::cache(ui).map(|cache| cache.entry(engine, &self.wasm));
            Ok(entry
                .as_ref()
                .and_then(|entry| compiled::read(entry, engine, ui)))
        })?;
        if let Some(component) = kept {
            return Ok(component);
        }
        let component = ui.stage("compiling", || {
            Component::from_binary(engine, &self.wasm).map_err(|error| self.invalid(&error).into())
        })?;
        if let Some(entry) = entry {
            ui.stage("keeping the compiled code", || {
                compiled::write(&entry, &component, ui);
                Ok(())
            })?;
        }
        Ok(component)
    }

    /// The file is a component, but not a working one.
    pub fn invalid(&self, error: &wasmtime::Error) -> UserError {
        self.invalid_because(format!("{error:#}"))
    }

    fn invalid_because(&self, reason: String) -> UserError {
        let path = self.path.clone();
        HostError::ComponentInvalid { path, reason }.into()
    }
}

/// Returns `true` if a host must offer an import: an interface of which only types are used comes with the component.
fn needs_host(types: TypesRef<'_>, import: ComponentEntityType) -> bool {
    match import {
        ComponentEntityType::Type { created, .. } => {
            matches!(created, ComponentAnyTypeId::Resource(_))
        }
        ComponentEntityType::Instance(id) => types[id]
            .exports
            .values()
            .any(|export| needs_host(types, export.ty)),
        _ => true,
    }
}

/// The kind of a file that is not a component.
fn kind_of(bytes: &[u8]) -> &'static str {
    if Parser::is_core_wasm(bytes) {
        "a core module"
    } else if bytes.starts_with(b"\0asm") {
        "WebAssembly of an unknown version"
    } else if bytes.is_empty() {
        "an empty file"
    } else if std::str::from_utf8(bytes).is_ok() {
        "text"
    } else {
        "something else"
    }
}
