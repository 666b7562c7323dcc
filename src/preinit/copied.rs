//! The part of a component that a rewriting leaves as it is.

use wasm_encoder::{Component, ComponentSectionId, RawSection};

/// Copies a core module unchanged: nothing in it refers to the component around it.
pub fn module(component: &mut Component, module: &[u8]) {
    component.section(&RawSection {
        id: ComponentSectionId::CoreModule as u8,
        data: module,
    });
}
