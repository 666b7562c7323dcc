//! Nearly valid bytes: real ones with some flipped, cut, doubled, or replaced by typical traps for parsers.

use super::rng::Rng;

/// Numbers at the limits of encodings of integers, in LEB128 and little-endian.
const EDGES: &[&[u8]] = &[
    &[0x00],
    &[0x7f],
    &[0x80, 0x01],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0x07],
    &[0x80, 0x80, 0x80, 0x80, 0x10],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0x80, 0x80, 0x80, 0x01],
    &[0xff, 0xff, 0xff, 0xff],
    &[0x00, 0x00, 0x00, 0x80],
];

/// `bytes` with a few changes, most often one; `words` are pieces that may have a meaning where they land.
pub fn mutate(rng: &mut Rng, bytes: &[u8], words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..*rng.pick(&[1, 1, 1, 2, 3, 8]) {
        change(rng, &mut bytes, words);
    }
    bytes
}

fn change(rng: &mut Rng, bytes: &mut Vec<u8>, words: &[&[u8]]) {
    let Some(last) = bytes.len().checked_sub(1) else {
        bytes.push(rng.bits() as u8);
        return;
    };
    let place = rng.between(0, last);
    let end = (place + *rng.pick(&[1, 1, 2, 4, 16, 256])).min(bytes.len());
    match rng.below(8) {
        0 => bytes[place] ^= 1 << rng.below(8),
        1 => bytes[place] = rng.bits() as u8,
        2 => drop(bytes.drain(place..end)),
        3 => {
            let piece = bytes[place..end].to_vec();
            bytes.splice(place..place, piece);
        }
        4 => bytes.truncate(place),
        5 => drop(bytes.splice(place..end, rng.pick(EDGES).iter().copied())),
        6 if !words.is_empty() => {
            drop(bytes.splice(place..place, rng.pick(words).iter().copied()));
        }
        6 | 7 if !words.is_empty() => {
            drop(bytes.splice(place..end, rng.pick(words).iter().copied()));
        }
        _ => bytes[place] = *rng.pick(&[0x00, 0x7f, 0x80, 0xff]),
    }
}
