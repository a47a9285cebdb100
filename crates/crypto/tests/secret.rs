#![allow(clippy::unwrap_used, unsafe_code)]
//! What a secret key shows, and what is left of it.

use chacha20::ChaCha20Rng;
use isonomy_crypto::{Hash, Secret};
use proptest::prelude::*;
use rand_core::{SeedableRng, TryCryptoRng, TryRng};
use std::convert::Infallible;
use std::mem::ManuallyDrop;
use zeroize::ZeroizeOnDrop;

/// A source that hands out what it was told to.
struct Script<'a>(std::slice::Iter<'a, [u8; 32]>);

impl TryRng for Script<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(self.0.next().unwrap());
        Ok(())
    }
}

impl TryCryptoRng for Script<'_> {}

#[test]
fn generating_passes_over_what_is_no_key() {
    let draws = [[0; 32], [0xff; 32], [5; 32], [6; 32]];
    let mut script = Script(draws.iter());
    assert_eq!(*Secret::generate(&mut script).to_bytes(), [5; 32]);
    assert_eq!(*Secret::generate(&mut script).to_bytes(), [6; 32]);
}

#[test]
fn generating_is_a_function_of_its_source() {
    let generate = |seed| *Secret::generate(&mut ChaCha20Rng::from_seed([seed; 32])).to_bytes();
    assert_eq!(generate(1), generate(1));
    assert_ne!(generate(1), generate(2));
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", Secret::from_bytes(&[7; 32]).unwrap()), "Secret(..)");
}

#[test]
fn it_is_marked_as_wiped_when_dropped() {
    fn wiped<T: ZeroizeOnDrop>() {}
    wiped::<Secret>();
}

/// How often `needle` lies in the memory of `secret`, in either byte order.
///
/// # Safety
/// The memory behind `secret` must be readable; the value in it may have been dropped.
unsafe fn copies_in(secret: *const Secret, needle: [u8; 32]) -> usize {
    let start = secret.cast::<u8>();
    let bytes: Vec<u8> = (0..size_of::<Secret>())
        // SAFETY: within the value, whose memory is readable. Padding is read as it lies.
        .map(|at| unsafe { start.add(at).read_volatile() })
        .collect();
    let mut reversed = needle;
    reversed.reverse();
    bytes.windows(32).filter(|window| *window == needle || *window == reversed).count()
}

#[test]
fn nothing_is_left_after_it_is_dropped() {
    let mut found = 0;
    for seed in 0..20 {
        let bytes = std::array::from_fn(|at| seed * 7 + at as u8);
        let mut secret = Box::new(ManuallyDrop::new(Secret::from_bytes(&bytes).unwrap()));
        let address = &raw mut *secret;
        // SAFETY: dropped once, then only looked at byte by byte; the box still owns the memory.
        unsafe {
            found += copies_in(address.cast(), bytes);
            ManuallyDrop::drop(&mut *address);
            assert_eq!(copies_in(address.cast(), bytes), 0, "seed {seed}");
        }
    }
    assert!(found > 20, "the bytes and, where it is not negated, the scalar: found {found}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_come_back_as_given(bytes: [u8; 32]) {
        let Ok(secret) = Secret::from_bytes(&bytes) else { return Ok(()) };
        prop_assert_eq!(*secret.to_bytes(), bytes);
        let again = Secret::from_bytes(&secret.to_bytes()).unwrap();
        prop_assert_eq!(secret.public(), again.public());
        let (digest, aux) = (Hash::from_bytes(bytes), [3; 32]);
        prop_assert_eq!(secret.sign(&digest, &aux), again.clone().sign(&digest, &aux));
        prop_assert!(secret.public().is_valid());
    }
}
