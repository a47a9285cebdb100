//! Verify many BIP340 signatures at once.
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod backend;
mod batch;
mod buckets;
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
mod rounds;
mod scalar;
mod single;
mod spread;
mod verdict;
mod windows;

pub use backend::Backend;
#[cfg(feature = "rayon")]
pub use batch::verify_batch_parallel;
pub use batch::{Batch, verify_batch, verify_batch_on};
pub use item::{InvalidKey, Item, Key};
pub use single::verify;
pub use verdict::{Flaw, Invalid};
