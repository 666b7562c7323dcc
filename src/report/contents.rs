//! The places of a component's bytes: core modules, their code, and their data.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use wasmparser::{DataKind, Operator, Parser, Payload};

/// Bytes of a page of WebAssembly's memory.
pub const PAGE: u64 = 64 << 10;

#[derive(Debug, Default)]
pub struct Contents {
    /// Bytes of all core modules.
    pub modules: u64,
    /// Bytes of function bodies.
    pub code: u64,
    /// The initial pages of the memories.
    pub pages: u64,
    /// (address, length) of stored data.
    segments: Vec<(u64, u64)>,
}

impl Contents {
    pub fn read(component: &[u8]) -> Result<Self> {
        let mut contents = Self::default();
        for payload in Parser::new(0).parse_all(component) {
            match payload.context("the component cannot be parsed")? {
                Payload::ModuleSection {
                    unchecked_range, ..
                } => contents.modules += unchecked_range.len() as u64,
                Payload::CodeSectionEntry(body) => contents.code += body.range().len() as u64,
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        contents.pages += memory?.initial;
                    }
                }
                Payload::DataSection(segments) => {
                    for segment in segments {
                        let segment = segment?;
                        if let DataKind::Active { offset_expr, .. } = segment.kind
                            && let Operator::I32Const { value } =
                                offset_expr.get_operators_reader().read()?
                        {
                            let address = value.cast_unsigned().into();
                            contents.segments.push((address, segment.data.len() as u64));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(contents)
    }

    /// The number of stored bytes.
    pub fn stored(&self) -> u64 {
        self.segments.iter().map(|(_, length)| length).sum()
    }

    /// The number of stored bytes in the memory from `start` to `end`.
    pub fn stored_between(&self, start: u64, end: u64) -> u64 {
        let overlap = |(address, length): &(u64, u64)| {
            let end = end.min(address + length);
            end.saturating_sub(start.max(*address))
        };
        self.segments.iter().map(overlap).sum()
    }

    /// The number of pages with stored bytes.
    pub fn stored_pages(&self) -> u64 {
        let pages =
            |(address, length): &(u64, u64)| address / PAGE..(address + length).div_ceil(PAGE);
        let stored: BTreeSet<u64> = self.segments.iter().flat_map(pages).collect();
        stored.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_where() {
        let component = wat::parse_str(
            r#"(component
                (core module (memory 3) (func nop)
                  (data (i32.const 8) "abcd") (data (i32.const 65534) "wxyz"))
                (component (core module (func) (data "passive"))))"#,
        )
        .unwrap();
        let contents = Contents::read(&component).unwrap();
        assert_eq!(contents.pages, 3);
        // Each body consists of its locals, its instructions and `end`.
        assert_eq!(contents.code, 3 + 2);
        assert_eq!(contents.stored(), 8);
        assert_eq!(contents.stored_between(10, 65535), 2 + 1);
        assert_eq!(contents.stored_between(12, 65534), 0);
        assert_eq!(contents.stored_pages(), 2);
        assert!(contents.modules > 0 && contents.modules < component.len() as u64);
    }
}
