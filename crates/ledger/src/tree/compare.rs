//! A tree against the pairs that it is said to hold.
use super::StateTree;
use super::few::FEW_MAX;
use super::fork::{Below, FORK_BITS, FORK_WIDTH, slot};
use crate::root::Leaf;
use crate::{Key, Order, ReadFailed, Span, View};
use alloc::{string::String, vec::Vec};
use core::fmt::Write;
use isonomy_crypto::{Hash, state_path, state_value};

/// Pairs that are compared together: in the order of the tree a page is read once for all of them.
/// Their keys and what of the tree they lead through are in memory, half a gigabyte at most.
const PAIRS_AT_ONCE: usize = 16_384;
// In the largest states each pair leads through a fork of its own, and all its pieces may be full.
const _: () = assert!(PAIRS_AT_ONCE * FORK_WIDTH * FEW_MAX * size_of::<Leaf>() <= 512 << 20);

/// How a state is not the one that its tree stands for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CompareError {
    /// Either cannot be read, or a page of the tree is not the one that the page above it names.
    #[error(transparent)]
    Read(#[from] ReadFailed),
    /// A pair of which the tree knows nothing, or another value. The first, by key.
    #[error("the value under the key {} is not the one that the tree holds", hex(key))]
    Differs {
        /// The pair's key.
        key: Key,
    },
    /// All pairs are in the tree, and it holds more.
    #[error("the state holds {got} pairs, its tree {limit}")]
    Missing {
        /// Pairs of the state.
        got: usize,
        /// Pairs of the tree.
        limit: usize,
    },
}

fn hex(key: &[u8]) -> String {
    key.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl StateTree {
    /// Whether this is the tree of the state that `view` shows: every pair of both, in bounded memory.
    ///
    /// # Errors
    /// See [`CompareError`].
    pub fn compare(&self, view: &dyn View) -> Result<(), CompareError> {
        let mut pairs = view.scan(&Span::all(), Order::Up);
        let mut got = 0_usize;
        loop {
            let mut some = Vec::new();
            for pair in pairs.by_ref().take(PAIRS_AT_ONCE) {
                let (key, value) = pair?;
                some.push(([state_path(&key), state_value(&value)], key));
            }
            if some.is_empty() {
                break;
            }
            self.compare_some(&some)?;
            got = got.saturating_add(some.len());
        }
        let limit = self.len();
        if got == limit { Ok(()) } else { Err(CompareError::Missing { got, limit }) }
    }

    fn compare_some(&self, pairs: &[(Leaf, Key)]) -> Result<(), CompareError> {
        let mut paths: Vec<Hash> = pairs.iter().map(|([path, _], _)| *path).collect();
        paths.sort_unstable();
        let loaded = self.load(&paths)?;
        let top = loaded.as_ref().unwrap_or(&self.top);
        let other = pairs.iter().find(|(leaf, _)| !holds(&top.below, leaf));
        other.map_or(Ok(()), |(_, key)| Err(CompareError::Differs { key: key.clone() }))
    }
}

/// Whether a leaf is there. The forks on its way are in memory.
fn holds(mut below: &Below, leaf: &Leaf) -> bool {
    let [path, _] = leaf;
    let mut depth = 0_usize;
    while let Below::Fork(fork) = below {
        below = &fork.below[slot(path, depth)];
        depth = depth.saturating_add(FORK_BITS);
    }
    matches!(below, Below::Few(few) if few.leaves().contains(leaf))
}
