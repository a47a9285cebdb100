//! Random histories, run through the chain and through the naive validator at once.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
pub mod deeds;
pub mod draw;
pub mod harbour;
pub mod mutant;
pub mod pair;
pub mod people;
pub mod plan;
mod waiting;

use draw::Draw;
use mutant::Mutant;
use pair::Pair;
use std::collections::BTreeMap;

/// How often each thing happened.
pub type Counts = BTreeMap<String, u64>;

/// Where the two differ, and what history shows it.
pub type Difference = String;

/// Fails with a difference.
#[macro_export]
macro_rules! same {
    ($got:expr, $want:expr, $what:expr) => {{
        let (got, want) = (&$got, &$want);
        if got != want {
            return Err(format!("{}: the chain has {got:?}, the validator {want:?}", $what));
        }
    }};
}

/// Blocks of one history.
pub const BLOCKS: u64 = 60;

/// Runs the history of this seed. Same seed, same history.
pub fn history(seed: u64, mutant: Mutant, counts: &mut Counts) -> Result<(), Difference> {
    let mut pair = Pair::new(mutant);
    let mut draw = Draw::new(seed);
    let run = (0..BLOCKS).try_for_each(|_| pair.step(&mut draw));
    pair.counts.iter().for_each(|(name, count)| *counts.entry(name.clone()).or_default() += count);
    run.map_err(|what| format!("history {seed}: {what}"))
}

/// Runs histories until so many transactions were drawn.
pub fn histories(from: u64, transactions: u64) -> Result<Counts, Difference> {
    let mut counts = Counts::new();
    let mut seed = from;
    while counts.get("drawn").copied().unwrap_or(0) < transactions {
        history(seed, Mutant::None, &mut counts)?;
        seed += 1;
    }
    counts.insert("histories".into(), seed - from);
    Ok(counts)
}
