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
#[doc(hidden)]
pub fn bench_hook(which: u32, times: usize) -> u64 {
    use crate::field::*;
    let b = Backend::best();
    let mut points = alloc::vec![curve::GENERATOR; 256];
    let mut on = alloc::vec![false; 256];
    for (i, p) in points.iter_mut().enumerate() { p.x[0] ^= i as u64; }
    match which {
        0 => for _ in 0..times { b.lift(&mut points, &mut on); },
        _ => for _ in 0..times { Backend::PORTABLE.lift(&mut points, &mut on); },
    }
    on.iter().filter(|x| **x).count() as u64
}
