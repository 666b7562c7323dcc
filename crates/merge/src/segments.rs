//! Cuts memory into data segments that leave out the zeros.

/// The cost of one segment: flags, the address as an expression, the length. Storing a shorter gap is cheaper.
const MIN_GAP: usize = 16;
/// Engines refuse more than 100,000; every one costs a host some time to load.
const MAX_SEGMENTS: usize = 10_000;
/// Wasmtime maps the memory's image, which costs an instance nothing, if it spans less than this or at least half of it is
/// stored. Otherwise every instance copies all of it.
const ALWAYS_MAPPED: usize = 16 << 20;
/// Memory is read by words, as most of it is zeros.
const WORD: usize = size_of::<u64>();

/// Runs of non-zero bytes, with their start.
pub fn cut(memory: &[u8]) -> Vec<(usize, &[u8])> {
    let mut gap = MIN_GAP;
    let mut runs = join(words(memory), gap);
    while runs.len() > MAX_SEGMENTS {
        gap *= 2;
        runs = join(runs.into_iter(), gap);
    }
    thicken(&mut runs, ALWAYS_MAPPED);
    runs.into_iter()
        .map(|(start, end)| (start, &memory[start..end]))
        .collect()
}

/// Non-zero words, from their first non-zero byte to their last.
fn words(memory: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    memory
        .chunks(WORD)
        .enumerate()
        .filter_map(|(index, chunk)| {
            let mut word = [0; WORD];
            word[..chunk.len()].copy_from_slice(chunk);
            let bits = u64::from_le_bytes(word);
            let (before, behind) = (bits.trailing_zeros() / 8, bits.leading_zeros() / 8);
            let start = index * WORD;
            (bits != 0).then_some((start + before as usize, start + WORD - behind as usize))
        })
}

/// Runs with fewer than `gap` bytes between them become one.
fn join(runs: impl Iterator<Item = (usize, usize)>, gap: usize) -> Vec<(usize, usize)> {
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in runs {
        match joined.last_mut() {
            Some(last) if start - last.1 < gap => last.1 = end,
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// Adds zeros, the shortest gaps first, until more than half of the span of `runs` is stored, if the span is at least
/// `bound`.
fn thicken(runs: &mut Vec<(usize, usize)>, bound: usize) {
    let (Some((first, _)), Some((_, last))) = (runs.first(), runs.last()) else {
        return;
    };
    let span = last - first;
    let stored: usize = runs.iter().map(|(start, end)| end - start).sum();
    let mut missing = (span / 2 + 1).saturating_sub(stored);
    if span < bound || missing == 0 {
        return;
    }
    let mut gaps: Vec<(usize, usize)> = (0..runs.len() - 1)
        .map(|index| (runs[index + 1].0 - runs[index].1, index))
        .collect();
    gaps.sort_unstable();
    for (length, index) in gaps {
        let added = length.min(missing);
        runs[index].1 += added;
        missing -= added;
    }
    *runs = join(std::mem::take(runs).into_iter(), 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_long_zeros_only() {
        let mut memory = vec![0; 100];
        memory[3] = 1;
        memory[18] = 2;
        memory[40] = 3;
        memory[99] = 4;
        let cut = cut(&memory);
        let places: Vec<_> = cut.iter().map(|(start, run)| (*start, run.len())).collect();
        assert_eq!(places, [(3, 16), (40, 1), (99, 1)]);
    }

    #[test]
    fn stores_half_of_what_they_span() {
        let sparse = vec![(10, 20), (24, 30), (70, 80), (100, 110)];
        let mut runs = sparse.clone();
        thicken(&mut runs, 101);
        assert_eq!(runs, sparse, "they span less");
        thicken(&mut runs, 100);
        assert_eq!(runs, [(10, 30), (70, 91), (100, 110)]);
        let dense = runs.clone();
        thicken(&mut runs, 100);
        assert_eq!(runs, dense);
    }

    #[test]
    fn keeps_their_number_within_bounds() {
        let mut memory = vec![0; 64 * 30_000];
        for byte in memory.iter_mut().step_by(64) {
            *byte = 1;
        }
        let cut = cut(&memory);
        assert!(cut.len() <= MAX_SEGMENTS);
        let mut copy = vec![0; memory.len()];
        for (start, run) in cut {
            copy[start..start + run.len()].copy_from_slice(run);
        }
        assert!(copy == memory);
    }
}
