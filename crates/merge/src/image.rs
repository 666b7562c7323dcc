//! The contents of memory before anything has run.
//!
//! In: libraries and the layout. Out: [`Image`], the data of all libraries in its place. Data relocations are applied
//! if their function is plain enough to be evaluated here; the others run when the module is instantiated.

use anyhow::{Context as _, Result};
use wasmparser::DataKind;

use super::dl;
use super::layout::Layout;
use super::parameters;
use super::parse::Parsed;
use super::plain::{self, Effect};
use super::reach::{Inputs, Live, RELOCATIONS};
use crate::STACK_SIZE;

/// Memory from the end of the stack to the heap.
pub struct Image {
    pub bytes: Vec<u8>,
    /// Libraries whose data relocations are applied.
    pub relocated: Vec<bool>,
}

pub fn draw(inputs: &Inputs<'_, '_>, live: &Live, layout: &Layout) -> Result<Image> {
    let size = (layout.heap_base - STACK_SIZE) as usize;
    let mut image = Image {
        bytes: vec![0; size],
        relocated: vec![false; inputs.libraries.len()],
    };
    let tables = dl::write(inputs, layout)?;
    image.bytes[..tables.len()].copy_from_slice(&tables);
    if let Some(address) = layout.parameters {
        let bytes = parameters::write(inputs, layout)?;
        let place = image.place(address, bytes.len());
        place
            .context("the table of parameters has no place")?
            .copy_from_slice(&bytes);
    }
    for (library, parsed) in inputs.libraries.iter().enumerate() {
        if live.libraries[library] {
            image.add_data(layout, library, parsed)?;
            if layout.started[library]
                && let Some(start) = parsed.start
                && let Some(effects) = plain::effects(inputs, layout, library, start)?
            {
                let complete = image.apply(&effects);
                anyhow::ensure!(
                    complete,
                    "`{}` clears memory that is not its own",
                    parsed.name
                );
            }
            image.relocated[library] = image.relocate(inputs, layout, library)?;
        }
    }
    Ok(image)
}

impl Image {
    fn add_data(&mut self, layout: &Layout, library: usize, parsed: &Parsed<'_>) -> Result<()> {
        for segment in &parsed.data {
            let DataKind::Active { offset_expr, .. } = &segment.kind else {
                continue;
            };
            let address = layout
                .evaluate(parsed, library, offset_expr)?
                .cast_unsigned();
            let place = self.place(address, segment.data.len());
            place
                .with_context(|| format!("`{}` has data outside of its memory", parsed.name))?
                .copy_from_slice(segment.data);
        }
        Ok(())
    }

    fn place(&mut self, address: u32, length: usize) -> Option<&mut [u8]> {
        let start = address.checked_sub(STACK_SIZE)? as usize;
        self.bytes.get_mut(start..start.checked_add(length)?)
    }

    /// Applies `effects` to memory; returns whether all of them are in the image.
    fn apply(&mut self, effects: &[Effect]) -> bool {
        effects.iter().all(|effect| match *effect {
            Effect::Store { address, value } => self
                .place(address, 4)
                .map(|place| place.copy_from_slice(&value.to_le_bytes()))
                .is_some(),
            Effect::Fill {
                address,
                value,
                length,
            } => self
                .place(address, length as usize)
                .map(|place| place.fill(value))
                .is_some(),
            Effect::Set { .. } => true,
        })
    }

    /// Applies a library's data relocations; returns whether that was possible.
    fn relocate(
        &mut self,
        inputs: &Inputs<'_, '_>,
        layout: &Layout,
        library: usize,
    ) -> Result<bool> {
        let parsed = &inputs.libraries[library];
        // A start function that must run may first have to put the data there.
        if !layout.started[library] && parsed.start.is_some() {
            return Ok(false);
        }
        let Some(function) = parsed.exported_function(RELOCATIONS) else {
            return Ok(true);
        };
        let effects = plain::effects(inputs, layout, library, function)?;
        let stores_only = |effects: &Vec<Effect>| {
            let mut effects = effects.iter();
            effects.all(|effect| matches!(effect, Effect::Store { .. }))
        };
        Ok(effects
            .filter(stores_only)
            .is_some_and(|effects| self.apply(&effects)))
    }
}
