#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! A batch says what single verification says.
mod support;
use schnorr_batch::{
    Backend, Batch, Flaw, InvalidKey, Item, Key, verify, verify_batch, verify_batch_on,
};
use support::{Signed, backends, items, rng, signed};

/// What single verification finds.
fn singly(items: &[Item<'_>]) -> Vec<(usize, Flaw)> {
    let flaws = items.iter().enumerate();
    flaws.filter_map(|(at, item)| Some((at, verify(item).err()?))).collect()
}

/// Checks that every way to verify finds what single verification does.
fn agree(items: &[Item<'_>], what: &str) {
    finds(items, &singly(items), what);
}

fn finds(items: &[Item<'_>], want: &[(usize, Flaw)], what: &str) {
    for backend in backends() {
        let got = verify_batch_on(backend, items, &mut rng(items.len()));
        let got = got.err().map_or(vec![], |invalid| invalid.flaws().to_vec());
        assert_eq!(got, want, "{backend:?}, {} items, {what}", items.len());
    }
}

#[test]
fn every_size_is_valid() {
    let list = signed(70);
    for size in 0..=70 {
        agree(&items(&list[..size]), "valid");
    }
}

#[test]
fn one_wrong_at_every_position_of_every_size() {
    let honest = signed(70);
    for size in 1..=70 {
        for at in 0..size {
            let mut list = honest[..size].to_vec();
            match at % 4 {
                0 => list[at].message[3] ^= 1,
                1 => list[at].signature[40] ^= 1,
                2 => list[at].signature[5] ^= 1,
                _ => list[at].key[9] ^= 1,
            }
            let (items, all) = (items(&list), "the others are honest");
            finds(&items, &[(at, verify(&items[at]).unwrap_err())], all);
        }
    }
}

#[test]
fn attack_51_a_wrong_one_at_every_position() {
    let honest = signed(70);
    for at in 0..70 {
        let mut list = honest.clone();
        list[at].message[0] ^= 1;
        let invalid = verify_batch(&items(&list), &mut rng(at)).unwrap_err();
        assert_eq!(invalid.flaws(), [(at, Flaw::Wrong)]);
        assert_eq!(invalid.first(), (at, Flaw::Wrong));
        assert_eq!(
            invalid.to_string(),
            format!("1 of the batch's signatures invalid, the first at {at}")
        );
    }
}

#[test]
fn many_wrong() {
    let honest = signed(100);
    for step in [1, 2, 3, 7, 50] {
        let mut list = honest.clone();
        list.iter_mut().step_by(step).for_each(|one| one.signature[63] ^= 1);
        agree(&items(&list), "many wrong");
    }
}

#[test]
fn messages_of_every_length() {
    let list: Vec<Signed> = (0..=130).map(|len| Signed::by([3; 32], &vec![7; len])).collect();
    agree(&items(&list), "lengths");
}

#[test]
fn parsed_keys_and_bytes_mixed() {
    let mut list = signed(40);
    list[7].signature[0] ^= 1;
    let again = list[..10].to_vec();
    list.extend(again);
    let mixed: Vec<Item<'_>> = list
        .iter()
        .enumerate()
        .map(|(at, one)| match at % 3 {
            0 => one.item(),
            _ => Item::with_key(Key::parse(&one.key).unwrap(), &one.message, &one.signature),
        })
        .collect();
    agree(&mixed, "mixed");
    assert_eq!(singly(&mixed), singly(&items(&list)));
}

#[test]
fn a_batch_is_filled_verified_and_filled_again() {
    for backend in backends() {
        let mut list = signed(30);
        let mut batch = Batch::new(backend);
        assert!(batch.is_empty());
        assert_eq!(batch.verify(&mut rng(0)), Ok(()));
        for (at, one) in list.iter().enumerate() {
            assert_eq!(batch.push(&one.item()), at);
            assert_eq!(batch.verify(&mut rng(at)), Ok(()), "{backend:?}, {at}");
        }
        assert_eq!(batch.len(), 30);
        batch.clear();
        assert_eq!((batch.len(), batch.verify(&mut rng(0))), (0, Ok(())));
        list[11].message.push(0);
        list.iter().for_each(|one| _ = batch.push(&one.item()));
        assert_eq!(batch.verify(&mut rng(0)).unwrap_err().flaws(), [(11, Flaw::Wrong)]);
    }
}

#[test]
fn keys_off_the_curve_do_not_parse() {
    for bytes in [[0; 32], [0xFF; 32]] {
        assert_eq!(Key::parse(&bytes), Err(InvalidKey));
    }
    let key = signed(1)[0].key;
    assert_eq!(Key::parse(&key).unwrap().to_bytes(), key);
}

#[test]
fn the_best_back_end_is_the_default() {
    assert_eq!(Backend::default(), Backend::best());
    assert_eq!(format!("{:?}", Backend::PORTABLE), "portable");
    let fastest = Backend::ifma().map_or("portable", |_| "ifma");
    assert_eq!(format!("{:?}", Backend::best()), fastest);
}

#[cfg(feature = "rayon")]
#[test]
fn many_cores_say_the_same() {
    for backend in backends() {
        for size in [0, 1, 5, 70, 300] {
            let mut list = signed(size);
            assert_eq!(
                schnorr_batch::verify_batch_parallel(backend, &items(&list), &mut rng(1)),
                Ok(())
            );
            let Some(at) = size.checked_sub(3) else { continue };
            list[at].message[0] ^= 1;
            let invalid = schnorr_batch::verify_batch_parallel(backend, &items(&list), &mut rng(1));
            assert_eq!(invalid.unwrap_err().flaws(), [(at, Flaw::Wrong)]);
            let mut batch = Batch::new(backend);
            list.iter().for_each(|one| _ = batch.push(&one.item()));
            let invalid = batch.verify_parallel(&mut rng(1)).unwrap_err();
            assert_eq!(invalid.flaws(), [(at, Flaw::Wrong)]);
        }
    }
}
