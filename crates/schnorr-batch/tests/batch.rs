#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! A batch says what single verification says.

use schnorr_batch::{Backend, Batch, Flaw, Item, Key, verify, verify_batch_on};
mod support;
use support::{Signed, backends, rng, signed};

fn items(list: &[Signed]) -> Vec<Item<'_>> {
    list.iter().map(Signed::item).collect()
}

#[test]
fn every_size_is_valid() {
    let list = signed(70);
    for backend in backends() {
        for size in 0..=70 {
            let items = items(&list[..size]);
            assert_eq!(verify_batch_on(backend, &items, &mut rng(size)), Ok(()), "{backend:?} {size}");
        }
    }
}

#[test]
fn one_wrong_at_every_position() {
    for backend in backends() {
        for size in [1, 2, 3, 4, 7, 8, 9, 16, 33, 70] {
            for at in 0..size {
                let mut list = signed(size);
                match at % 3 {
                    0 => list[at].message[3] ^= 1,
                    1 => list[at].signature[40] ^= 1,
                    _ => list[at].signature[5] ^= 1,
                }
                let invalid = verify_batch_on(backend, &items(&list), &mut rng(at)).unwrap_err();
                assert_eq!(invalid.flaws(), [(at, Flaw::Wrong)], "{backend:?} {size}");
            }
        }
    }
}
