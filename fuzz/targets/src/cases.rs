//! Inputs for a run without a fuzzer: samples, samples damaged in every simple way, mutants.
use isonomy_sim::Dice;

/// Bytes of the longest mutant: libFuzzer's own default.
pub const CASE_BYTES_MAX: usize = 4_096;

/// Cuts, and flipped bytes, of all samples together at most: each has an equal share, spread over its
/// length where that is longer.
const PLACES_MAX: usize = 2_048;
/// Edits of one mutant at most: few enough that most of a sample stays sound.
const EDITS_MAX: u64 = 4;
/// Numbers at which code changes its mind, as the lengths and counts of a message hold them.
const TURNS: [u32; 12] =
    [0, 1, 2, 127, 128, 255, 256, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, u32::MAX];

/// Every sample; every sample cut short and with one byte changed, at every place or at places
/// spread over it; then `random` mutants. The same arguments give the same cases.
pub fn cases(samples: &[Vec<u8>], random: usize, seed: u64) -> impl Iterator<Item = Vec<u8>> + '_ {
    let mut dice = Dice::new(seed, "cases");
    let mutants = std::iter::repeat_with(move || mutant(samples, &mut dice)).take(random);
    let places = PLACES_MAX / samples.len().max(1);
    samples.iter().flat_map(move |sample| damaged(sample, places)).chain(mutants)
}

fn damaged(sample: &[u8], places: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
    let places = move || (0..sample.len()).step_by(sample.len().div_ceil(places.max(1)).max(1));
    let cut = places().map(|at| sample[..at].to_vec());
    let flipped = places().map(|at| {
        let mut bytes = sample.to_vec();
        bytes[at] ^= 1 << (at % 8);
        bytes
    });
    std::iter::once(sample.to_vec()).chain(cut).chain(flipped)
}

fn mutant(samples: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = dice.pick(samples).cloned().unwrap_or_default();
    for _ in 0..dice.between(1, EDITS_MAX) {
        edit(&mut bytes, samples, dice);
    }
    bytes.truncate(CASE_BYTES_MAX.max(samples.iter().map(Vec::len).max().unwrap_or(0)));
    bytes
}

fn edit(bytes: &mut Vec<u8>, samples: &[Vec<u8>], dice: &mut Dice) {
    let from = below(dice, bytes.len());
    let to = from + below(dice, (bytes.len() - from).min(64));
    match dice.between(0, 7) {
        0 => bytes.iter_mut().skip(from).take(1).for_each(|byte| *byte ^= 1 << (to % 8)),
        1 => bytes.truncate(from),
        2 => drop(bytes.drain(from..to)),
        3 => bytes.extend_from_within(from..to),
        4 => {
            let again = bytes[from..to].to_vec();
            insert(bytes, from, &again);
        }
        5 => insert(bytes, from, &dice.bytes()[..(to - from).min(32)]),
        6 => {
            let turn = dice.pick(&TURNS).copied().unwrap_or_default().to_le_bytes();
            bytes.iter_mut().skip(from).zip(turn).for_each(|(byte, new)| *byte = new);
        }
        _ => {
            let other = dice.pick(samples).map_or(&[][..], Vec::as_slice);
            bytes.truncate(from);
            bytes.extend_from_slice(&other[below(dice, other.len())..]);
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    bytes.splice(at..at, new.iter().copied());
}

/// A number from 0 to `most`.
fn below(dice: &mut Dice, most: usize) -> usize {
    usize::try_from(dice.between(0, most as u64)).unwrap_or(most)
}
