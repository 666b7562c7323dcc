//! The source of every random decision: a seed, or the bytes of a fuzzer followed by a seed made from them.

/// splitmix64: every seed gives a sequence of its own, and equal seeds equal sequences on every machine.
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
    /// Taken first, one for each decision, so that a fuzzer that changes a byte changes one decision.
    bytes: std::collections::VecDeque<u8>,
}

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            bytes: std::collections::VecDeque::new(),
        }
    }

    pub fn from_bytes(bytes: &[u8]) -> Self {
        let seed = bytes
            .iter()
            .fold(0, |seed, byte| mix(seed, u64::from(*byte)));
        Self {
            state: seed,
            bytes: bytes.iter().copied().collect(),
        }
    }

    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scramble(self.state)
    }

    /// 0 to `limit` - 1.
    pub fn below(&mut self, limit: usize) -> usize {
        assert!(limit > 0, "there is something to choose from");
        let bits = match self.bytes.pop_front() {
            Some(byte) if limit <= 256 => u64::from(byte),
            _ => self.bits(),
        };
        usize::try_from(bits % limit as u64).expect("below a usize")
    }

    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// A seed for one part of the work of another seed.
pub fn mix(seed: u64, part: u64) -> u64 {
    scramble(seed ^ scramble(part.wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

fn scramble(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
