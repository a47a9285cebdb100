//! Work on one core, or on those of the caller's rayon pool.
use crate::curve::Point;
use alloc::vec::Vec;
use core::ops::Range;
#[cfg(feature = "rayon")]
use rayon::prelude::*;

/// Items a core takes at once: enough to be worth handing over, and whole turns of every back end's lanes.
#[cfg(feature = "rayon")]
const CHUNK: usize = 192;

/// Terms of windows a core adds at once: fewer share an inversion too seldom.
#[cfg(feature = "rayon")]
const TERMS: usize = 1 << 13;

/// How work is spread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spread {
    /// On the caller's thread.
    One,
    /// On the threads of the rayon pool the caller is in.
    #[cfg(feature = "rayon")]
    Pool,
}

impl Spread {
    /// All windows' sums, in order, given those of some. Each window adds so many `terms`.
    pub(crate) fn windows(
        self,
        count: usize,
        #[cfg_attr(not(feature = "rayon"), expect(unused_variables))] terms: usize,
        sums: impl Fn(Range<usize>) -> Vec<Point> + Sync,
    ) -> Vec<Point> {
        match self {
            Self::One => sums(0..count),
            #[cfg(feature = "rayon")]
            Self::Pool => {
                let most = count.div_ceil(rayon::current_num_threads());
                let step = (TERMS / terms).clamp(1, most);
                let some = (0..count.div_ceil(step)).into_par_iter();
                some.flat_map_iter(|at| sums(at * step..count.min((at + 1) * step))).collect()
            }
        }
    }

    /// Does `work` with stretches of both lists, which go together.
    pub(crate) fn chunks<A: Send, B: Send>(
        self,
        one: &mut [A],
        other: &mut [B],
        work: impl Fn(&mut [A], &mut [B]) + Sync,
    ) {
        match self {
            Self::One => work(one, other),
            #[cfg(feature = "rayon")]
            Self::Pool => {
                let chunks = one.par_chunks_mut(CHUNK).zip(other.par_chunks_mut(CHUNK));
                chunks.for_each(|(one, other)| work(one, other));
            }
        }
    }

    /// Maps every element.
    pub(crate) fn map<A: Sync, B: Send>(self, list: &[A], of: impl Fn(&A) -> B + Sync) -> Vec<B> {
        match self {
            Self::One => list.iter().map(of).collect(),
            #[cfg(feature = "rayon")]
            Self::Pool => list.par_iter().map(&of).collect(),
        }
    }
}
