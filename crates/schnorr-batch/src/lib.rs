//! Verify many BIP340 signatures at once.
//!
//! A list of signatures is checked together, for a fraction of what each would cost alone, and a
//! list that is not valid names every item that is not. Out of scope: signing, other curves, other
//! signature schemes, and secrets of any kind: **everything here takes a time that depends on its
//! input**, which must be public.
//!
//! ```
//! use schnorr_batch::{Flaw, Item, verify_batch};
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # use k256::schnorr::SigningKey;
//! # let mut rng = ChaCha20Rng::from_seed([7; 32]); // In earnest: from the operating system.
//! # let signer = SigningKey::from_slice(&[1; 32]).unwrap();
//! # let sign = |message: &[u8]| signer.sign_raw(message, &[0; 32]).unwrap().to_bytes();
//! # let key: [u8; 32] = (*signer.verifying_key()).to_bytes().into();
//! let messages: Vec<[u8; 1]> = (0..20).map(|number| [number]).collect();
//! let mut signatures: Vec<[u8; 64]> = messages.iter().map(|message| sign(message)).collect();
//! let check = |signatures: &[[u8; 64]], rng: &mut _| {
//!     let pairs = messages.iter().zip(signatures);
//!     let items: Vec<_> = pairs.map(|(message, one)| Item::new(key, message, one)).collect();
//!     verify_batch(&items, rng)
//! };
//! assert!(check(&signatures, &mut rng).is_ok());
//! signatures[13][40] ^= 1;
//! let invalid = check(&signatures, &mut rng).unwrap_err();
//! assert_eq!(invalid.flaws(), [(13, Flaw::Wrong)]);
//! ```
//!
//! # Method
//! ```text
//!  items ─ read, hash ─ lift r and keys ─ Σ aᵢRᵢ + Σ aᵢeᵢPᵢ − (Σ aᵢsᵢ)G = 0 ? ── yes: all valid
//!    │ out of range,        │ no point          │ no: halves, and halves of halves
//!    └──────────────────────┴───────────────────┴── k256, one by one: names the flaw
//! ```
//! The equation, with random 128-bit coefficients aᵢ, is [BIP340's batch verification][bip340]. Its sum
//! is found by Pippenger's method (On the evaluation of powers and monomials, 1980): scalars are split in halves by the curve's endomorphism (Gallant,
//! Lambert and Vanstone 2001), halves into signed digits, the points of a digit gathered into buckets.
//! Buckets are added up in rounds of affine additions that share one inversion (Montgomery's trick),
//! as many buckets side by side as there are lanes; the buckets' sums by complete formulas (Renes, Costello
//! and Batina 2016). Equal keys become one term.
//!
//! [bip340]: https://github.com/bitcoin/bips/blob/master/bip-0340.mediawiki#batch-verification
//!
//! # Guarantees
//! - Accepts what [`verify`], that is k256, accepts: valid items never make a batch invalid, and an
//!   invalid one is missed with a chance of at most 2n·2⁻¹²⁷ in a batch of n, if nobody foresees the
//!   coefficients. What is blamed, k256 has refused.
//! - Equal, opposite and colliding points, infinity, repeated keys and signatures: correct, by design and
//!   not by chance. See `rounds.rs`.
//! - No verdict depends on the back end, the number of threads or the features.
//!
//! # Limits and the attacks they stop
//! - A batch made so that points meet wherever they can (one nonce under thousands of keys) costs 1.05 to
//!   1.17 times an honest one, and by design less than twice: points that meet cost a round one more pass
//!   over its pairs, not one each.
//! - Blame is bounded: halving sums at most half the items a level, because the other half's sum is what
//!   the first one lacks; items out of range or off the curve go straight to k256. One wrong item
//!   makes a batch of 4096 cost 1.7 times an honest one, one of 16 about 3.6 times. A batch of nothing but
//!   wrong items costs what they cost one by one, and about log₂ n halves of an honest batch more; who
//!   need not know all of them asks for one of each bundle ([`verify_bundles`]).
//! - Keys are found by hashing with multipliers out of the caller's generator, so that who does not foresee
//!   it cannot choose keys that crowd one slot.
//! - A list holds at most 2²⁹ items, some 60 GB of them: places are counted in 32 bits.
//!
//! # Back ends
//! [`Backend`] picks at run time: plain Rust of four 64-bit limbs, or AVX-512 IFMA, eight lanes of five
//! 52-bit limbs. `unsafe` is in the vector module alone. There is no AVX2 back end: ten limbs of 26 bits
//! in four lanes take 100 multiplications and as many additions before any carry. Measured on the
//! processor of the README, such a product took 15 ns a lane where the plain one took 10.
//!
//! # Features
//! - `std` (default): k256's tables; and each thread keeps its working memory from call to call, about
//!   250 bytes for each signature of its largest batch so far, at most 5 MiB.
//! - `rayon`: `verify_batch_parallel` and `Batch::verify_parallel`, windows and items split across the
//!   threads of a pool.
//! - `measure`: the module `measure`, which counts a batch's field operations, and repeats single ones.
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod backend;
mod batch;
mod buckets;
mod bundles;
mod challenge;
mod curve;
mod digits;
mod equation;
mod field;
mod glv;
mod groups;
mod item;
mod judge;
mod keys;
mod lift;
#[cfg(feature = "measure")]
pub mod measure;
mod read;
mod rounds;
mod scalar;
mod single;
mod spread;
mod verdict;
mod windows;

pub use backend::Backend;
pub use batch::{Batch, verify_batch, verify_batch_on, verify_bundles};
#[cfg(feature = "rayon")]
pub use batch::{verify_batch_parallel, verify_bundles_parallel};
pub use item::{InvalidKey, Item, Key};
pub use single::verify;
pub use verdict::{Flaw, Invalid};

#[cfg(all(test, feature = "std"))]
extern crate self as schnorr_batch;
#[cfg(all(test, feature = "std"))]
#[path = "../tests/pool/mod.rs"]
mod pool;
#[cfg(all(test, feature = "std"))]
#[path = "../tests/support/mod.rs"]
mod support;
