//! What a batch costs at least: how many products of field elements its method takes, and what one
//! costs where nothing waits. For whoever compares the two (feature `measure`).
//!
//! ```
//! use schnorr_batch::{Backend, Item, measure, verify_batch_on};
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::from_seed([7; 32]);
//! # let signer = k256::schnorr::SigningKey::from_slice(&[1; 32]).unwrap();
//! # let signature = signer.sign_raw(b"a message", &[0; 32]).unwrap().to_bytes();
//! # let key: [u8; 32] = (*signer.verifying_key()).to_bytes().into();
//! let items = [Item::new(key, b"a message", &signature); 16];
//! let counting = measure::counting(Backend::PORTABLE);
//! let count = measure::count(|| verify_batch_on(counting, &items, &mut rng).unwrap());
//! assert!(count.squares > 16 * 253, "a square root each");
//! ```
mod counted;

use crate::backend::Backend;
use crate::field::{Field, P};
pub(crate) use counted::Counted;
pub use counted::{Count, count};

/// Chains of operations that run side by side: enough to hide the latency of one.
const CHAINS: u64 = 3;

/// A back end that does what `like` does, lane after lane in plain Rust, and counts it.
#[must_use]
pub fn counting(like: Backend) -> Backend {
    like.counting()
}

/// Multiplies field elements, at least so many times, in independent chains.
pub fn multiply(backend: Backend, times: u64) {
    backend.repeat(times, true);
}

/// Squares field elements, at least so many times, in independent chains.
pub fn square(backend: Backend, times: u64) {
    backend.repeat(times, false);
}

/// Products, or squares.
#[inline(always)]
pub(crate) fn repeat<F: Field>(times: u64, products: bool) {
    let by = F::splat(&[7, P[1], P[2], P[3]]);
    let mut chains = [by; CHAINS as usize];
    for _ in 0..times.div_ceil(CHAINS * F::LANES as u64) {
        for chain in &mut chains {
            *chain = if products { chain.mul(by) } else { chain.square() };
        }
    }
    for chain in chains {
        core::hint::black_box(chain.zeros());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Pool;
    use crate::support::{backends, rng};
    use crate::{Item, verify_batch_on, verify_bundles};

    /// What judging these as one bundle takes.
    fn cost(backend: Backend, items: &[Item<'_>], valid: bool) -> u64 {
        let mut verdict = Ok(());
        let of = || verdict = verify_bundles(counting(backend), items, &[], &mut rng(2));
        let Count { products, squares } = count(of);
        assert_eq!(verdict.is_ok(), valid, "{backend:?}");
        products + squares
    }

    #[test]
    fn attack_28_points_that_meet_cost_at_most_twice_an_honest_batch() {
        let pool = Pool::new(5, 70);
        for backend in backends() {
            let honest: Vec<Item<'_>> = pool.honest.iter().map(|case| case.item()).collect();
            let limit = 2 * cost(backend, &honest, true);
            for (number, family) in pool.crafted.iter().enumerate() {
                let items: Vec<Item<'_>> = family.iter().map(|case| case.item()).collect();
                let got = cost(backend, &items, true);
                assert!(got <= limit, "{backend:?}: family {number} costs {got}, limit {limit}");
            }
        }
    }

    #[test]
    fn attack_28_many_wrong_cost_at_most_three_times_an_honest_batch() {
        let pool = Pool::new(5, 70);
        for backend in backends() {
            let honest: Vec<Item<'_>> = pool.honest.iter().map(|case| case.item()).collect();
            let limit = 3 * cost(backend, &honest, true);
            for wrong in [1, 7, 35, 70] {
                let mut items = honest.clone();
                // Each signature is the next one's.
                let (first, step) = (items[0], 70 / wrong);
                for at in (0..70).step_by(step) {
                    items[at].signature = honest.get(at + 1).unwrap_or(&first).signature;
                }
                let got = cost(backend, &items, false);
                assert!(got <= limit, "{backend:?}: {wrong} wrong cost {got}, limit {limit}");
            }
        }
    }

    #[test]
    fn counting_changes_no_verdict() {
        let pool = Pool::new(4, 64);
        let mut items: Vec<Item<'_>> = pool.honest.iter().map(|case| case.item()).collect();
        for backend in backends() {
            let verify = |items: &[Item<'_>]| {
                let mut verdict = Ok(());
                let of = || verdict = verify_batch_on(counting(backend), items, &mut rng(1));
                (count(of), verdict)
            };
            let (counted, valid) = verify(&items);
            assert!(valid.is_ok() && counted.products > 64 * 15, "{backend:?}: {counted:?}");
            items.push(pool.wrong[0].item());
            let expected = verify_batch_on(backend, &items, &mut rng(1));
            assert_eq!(verify(&items).1, expected, "{backend:?}");
            items.pop();
        }
    }
}
