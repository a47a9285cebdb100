use super::*;
use crate::item::Item;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use k256::schnorr::SigningKey;

/// Reads so many valid items, of so many keys.
fn read(count: u8, keys: u8) -> Vec<Option<Read>> {
    let one = |at: u8| {
        let key = SigningKey::from_slice(&[at % keys + 1; 32]).unwrap();
        let signature = key.sign_raw(&[at], &[at; 32]).unwrap().to_bytes();
        Read::of(&Item::new((*key.verifying_key()).to_bytes().into(), &[at], &signature))
    };
    (0..count).map(one).collect()
}

#[test]
fn valid_items_are_never_checked_one_by_one() {
    let mut rng = ChaCha20Rng::from_seed([5; 32]);
    for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
        let single = |at| panic!("item {at} is checked alone");
        let judge =
            Judge { backend, spread: Spread::One, bundles: Bundles::Apart, single: &single };
        for (count, keys) in [(8, 8), (9, 1), (70, 70), (70, 3), (200, 100)] {
            let mut items = read(count, keys);
            assert_eq!(judge.flaws(&items, &mut rng), []);
            let again = items.clone();
            items.extend(again);
            assert_eq!(judge.flaws(&items, &mut rng), []);
        }
    }
}

#[test]
fn hardly_more_items_are_checked_than_bundles_are_wrong() {
    let mut rng = ChaCha20Rng::from_seed([5; 32]);
    for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
        for ends in [&[][..], &[200], &[70], &[3, 70, 71, 150]] {
            let mut items = read(200, 200);
            items.iter_mut().flatten().for_each(|item| item.challenge = [1; 4]);
            items[5] = None;
            let checked = core::sync::atomic::AtomicUsize::new(0);
            let single = |_| {
                checked.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
                Err(Flaw::Wrong)
            };
            let bundles = Bundles::Ends(ends);
            let judge = Judge { backend, spread: Spread::One, bundles, single: &single };
            let wrong = judge.flaws(&items, &mut rng);
            let spoilt: Vec<usize> = wrong.iter().map(|(at, _)| bundles.of(*at)).collect();
            let all: BTreeSet<usize> = (0..200).map(|at| bundles.of(at)).collect();
            assert_eq!((spoilt.len(), BTreeSet::from_iter(spoilt)), (all.len(), all.clone()));
            assert_eq!(checked.into_inner(), all.len());
        }
    }
}

#[test]
fn few_items_are_checked_to_find_one_wrong() {
    let mut rng = ChaCha20Rng::from_seed([5; 32]);
    for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
        let mut items = read(200, 200);
        items.swap(17, 18);
        let checked = core::sync::atomic::AtomicUsize::new(0);
        items[17].as_mut().unwrap().challenge = [1; 4];
        let single = |at| {
            checked.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
            if at == 17 { Err(Flaw::Wrong) } else { Ok(()) }
        };
        let judge =
            Judge { backend, spread: Spread::One, bundles: Bundles::Apart, single: &single };
        assert_eq!(judge.flaws(&items, &mut rng), [(17, Flaw::Wrong)]);
        assert!(checked.into_inner() < 2 * backend.least());
    }
}
