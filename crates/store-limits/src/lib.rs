//! The limit for the memories and tables of one store, all instances together.

use wasmtime::ResourceLimiter;

/// None of our components comes near this. A table that grows without end would leak the host's memory.
const TABLE_ELEMENTS: usize = 10_000_000;

/// Counts the linear memory of a store. Growing beyond the limit fails as if memory had run out: Python raises `MemoryError`.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    limit: Option<usize>,
    used: usize,
    refused: bool,
}

impl Memory {
    pub fn limited(limit: Option<usize>) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// The limit, if it has been hit.
    pub fn exhausted(&self) -> Option<usize> {
        self.limit.filter(|_| self.refused)
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if self.limit.is_some_and(|limit| used > limit) {
            self.refused = true;
            return Ok(false);
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= maximum.unwrap_or(TABLE_ELEMENTS).min(TABLE_ELEMENTS))
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::ResourceLimiter as _;

    use super::Memory;

    #[test]
    fn memories_count_together() {
        let mut memory = Memory::limited(Some(100));
        assert!(memory.memory_growing(0, 60, None).unwrap());
        assert!(memory.memory_growing(0, 40, None).unwrap());
        assert_eq!(memory.exhausted(), None);
        assert!(!memory.memory_growing(60, 61, None).unwrap());
        assert_eq!(memory.exhausted(), Some(100));
    }

    #[test]
    fn a_maximum_of_the_modules_own_is_no_exhaustion() {
        let mut memory = Memory::limited(Some(100));
        assert!(!memory.memory_growing(0, 20, Some(10)).unwrap());
        assert_eq!(memory.exhausted(), None);
    }
}
