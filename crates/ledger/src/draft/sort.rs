//! Puts many keys in order: by their first bytes as numbers, a byte at a time, as a postman sorts
//! letters; by comparing them only where that leaves some alike.
use core::cmp::Ordering;

/// The first bytes of a key as a number in the same order, and where the rest is found.
pub(super) type Head = (u64, usize);

/// Fewer are sorted by comparing alone.
const FEW: usize = 256;
/// Bytes that are sorted by, of those in which the heads differ: so many leave few keys alike.
const PASSES: usize = 4;
/// The bits below each byte of a head, from its lowest byte.
const SHIFTS: [u32; 8] = [0, 8, 16, 24, 32, 40, 48, 56];

/// How many heads have each value of a byte.
type Counts = [usize; 256];

pub(super) fn head(key: &[u8]) -> u64 {
    let mut head = [0; 8];
    head.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(head)
}

/// Sorts by heads, and keys whose heads are equal by `compare` of their places.
pub(super) fn sort(heads: &mut [Head], compare: impl Fn(usize, usize) -> Ordering) {
    let order = |a: &Head, b: &Head| a.0.cmp(&b.0).then_with(|| compare(a.1, b.1));
    if heads.len() < FEW {
        return heads.sort_unstable_by(order);
    }
    let alike_from = by_bytes(heads);
    let above = |head: &Head| head.0.wrapping_shr(alike_from);
    heads
        .chunk_by_mut(|a, b| above(a) == above(b))
        .filter(|alike| alike.len() > 1)
        .for_each(|alike| alike.sort_unstable_by(order));
}

/// Sorts by the highest bytes in which heads differ, and returns the bits below the lowest of these.
fn by_bytes(heads: &mut [Head]) -> u32 {
    let mut counts: [Counts; 8] = [[0; 256]; 8];
    for (head, _) in heads.iter() {
        for (counts, byte) in counts.iter_mut().zip(head.to_le_bytes()) {
            let count = &mut counts[usize::from(byte)];
            *count = count.wrapping_add(1);
        }
    }
    let all = heads.len();
    let differ = |(_, counts): &(&u32, &mut Counts)| !counts.contains(&all);
    let highest = SHIFTS.iter().zip(&mut counts).rev().filter(differ).take(PASSES);
    let mut passes: [Option<(&u32, &mut Counts)>; PASSES] = Default::default();
    passes.iter_mut().zip(highest).for_each(|(pass, digit)| *pass = Some(digit));
    let lowest = passes.iter().flatten().last().map_or(0, |(shift, _)| **shift);
    let mut sorted = heads.to_vec();
    for (shift, counts) in passes.into_iter().rev().flatten() {
        pass(heads, &mut sorted, *shift, counts);
        heads.copy_from_slice(&sorted);
    }
    lowest
}

/// Lays `from` into `to`, sorted by one byte; those that have the same stay in their order.
fn pass(from: &[Head], to: &mut [Head], shift: u32, counts: &mut Counts) {
    let mut start: usize = 0;
    for count in counts.iter_mut() {
        let next = start.wrapping_add(*count);
        *count = start;
        start = next;
    }
    for head in from {
        let place = &mut counts[usize::from(head.0.wrapping_shr(shift) as u8)];
        if let Some(to) = to.get_mut(*place) {
            *to = *head;
        }
        *place = place.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]
    use super::*;
    use alloc::vec::Vec;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Keys of which many share their first bytes.
    fn key() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            vec(any::<u8>(), 0..12),
            vec(0..2u8, 0..12),
            any::<[u8; 6]>().prop_map(|rest| [&[0, 1, 0][..], &rest].concat()),
            (0..3u8, any::<u8>()).prop_map(|(a, b)| [&[a; 9][..], &[b]].concat()),
        ]
    }

    proptest! {
        #[test]
        fn it_sorts_as_comparing_does(keys in prop_oneof![vec(key(), 0..40), vec(key(), 250..900)]) {
            let mut heads: Vec<Head> =
                keys.iter().enumerate().map(|(at, key)| (head(key), at)).collect();
            sort(&mut heads, |a, b| keys[a].cmp(&keys[b]));
            let mut want = keys.clone();
            want.sort();
            let got: Vec<_> = heads.iter().map(|(_, at)| keys[*at].clone()).collect();
            prop_assert_eq!(got, want);
            let mut places: Vec<_> = heads.iter().map(|(_, at)| *at).collect();
            places.sort();
            prop_assert!(places.into_iter().eq(0..keys.len()));
        }
    }

    #[test]
    fn heads_that_are_all_equal_are_compared() {
        let mut heads: Vec<Head> = (0..1_000).map(|at| (7, at)).collect();
        sort(&mut heads, |a, b| b.cmp(&a));
        assert!(heads.iter().map(|(_, at)| *at).eq((0..1_000).rev()));
    }
}
