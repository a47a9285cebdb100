//! The ledger and the validator, on the same random histories (invariants 2 and 6 to 9).
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::mutant::Mutant;
use common::{Counts, histories, history};

/// Drawn in a default run. `ISONOMY_TRANSACTIONS` and `ISONOMY_SEED` make it longer, or another.
const TRANSACTIONS: u64 = 100_000;

/// Every outcome and event that the histories are about, and the least of it in a hundred thousand
/// transactions.
const LEAST: [(&str, u64); 77] = [
    ("drawn", TRANSACTIONS),
    ("histories", 20),
    ("blocks", 1_000),
    ("lies", 50),
    ("reorganisations", 200),
    ("flushes", 100),
    ("undone", 40),
    ("restarts", 20),
    ("executed again", 100),
    ("one signer", 20_000),
    ("several signers", 2_000),
    ("waited", 1_000),
    ("not let in", 50),
    ("returned", 1_000),
    ("confirmed", 1_000),
    // Rules broken.
    ("Actions", 500),
    ("BlockBytes", 1),
    ("BlockMeter", 500),
    ("Bytes", 20),
    ("Expired", 500),
    ("Meter", 500),
    ("Nonce", 1_000),
    ("Payer", 1_000),
    ("Payload", 10),
    ("Policy", 1_000),
    ("Price", 500),
    ("Signers", 500),
    // Outcomes of transactions with one action: of any module, of accounts, assets, unique assets,
    // locks, no module, boats, params.
    ("code 0", 20_000),
    ("code 1", 1_000),
    ("module 0 code 0", 500),
    ("module 0 code 256", 50),
    ("module 0 code 7", 50),
    ("module 1 code 0", 2_000),
    ("module 1 code 256", 200),
    ("module 1 code 257", 500),
    ("module 1 code 258", 1),
    ("module 1 code 260", 20),
    ("module 1 code 261", 1),
    ("module 1 code 262", 5),
    ("module 1 code 263", 100),
    ("module 1 code 264", 20),
    ("module 1 code 265", 10),
    ("module 1 code 266", 100),
    ("module 1 code 267", 50),
    ("module 1 code 268", 20),
    ("module 2 code 0", 100),
    ("module 2 code 256", 5),
    ("module 2 code 257", 50),
    ("module 2 code 258", 1),
    ("module 2 code 259", 5),
    ("module 2 code 260", 50),
    ("module 2 code 261", 5),
    ("module 2 code 262", 20),
    ("module 2 code 263", 50),
    ("module 2 code 264", 20),
    ("module 3 code 0", 50),
    ("module 3 code 256", 1),
    ("module 3 code 257", 20),
    ("module 3 code 258", 20),
    ("module 3 code 259", 20),
    ("module 3 code 260", 20),
    ("module 3 code 261", 10),
    ("module 77 code 4", 100),
    ("module 8 code 259", 50),
    ("module 9 code 13", 20),
    // Deeds done, by the first byte of their event.
    ("module 1 event 0", 2_000),
    ("module 1 event 2", 200),
    ("module 1 event 3", 100),
    ("module 1 event 4", 10),
    ("module 1 event 5", 10),
    ("module 1 event 6", 1),
    ("module 1 event 8", 10),
    ("module 2 event 0", 200),
    ("module 2 event 1", 50),
    ("module 2 event 2", 5),
    ("module 3 event 0", 200),
    ("module 3 event 1", 50),
];

fn enough(counts: &Counts) {
    let got = |name: &str| counts.get(name).copied().unwrap_or(0);
    let few: Vec<_> = LEAST.iter().filter(|(name, least)| got(name) < *least).collect();
    assert!(few.is_empty(), "too few of {few:?} in {counts:#?}");
}

#[test]
fn random_histories_agree() {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let transactions = number("ISONOMY_TRANSACTIONS").unwrap_or(TRANSACTIONS).max(TRANSACTIONS);
    let counts = histories(number("ISONOMY_SEED").unwrap_or(0), transactions);
    let counts = counts.unwrap_or_else(|difference| panic!("{difference}"));
    enough(&counts);
}

/// Finds the difference within some histories.
fn caught(mutant: Mutant) -> String {
    let found = (0..20).find_map(|seed| history(seed, mutant, &mut Counts::new()).err());
    found.unwrap_or_else(|| panic!("{mutant:?} passes"))
}

#[test]
fn invariant_06_a_price_that_depends_on_the_past_is_caught() {
    let found = caught(Mutant::CachePriced);
    assert!(found.contains("a receipt"), "{found}");
}

#[test]
fn invariant_07_coins_out_of_nothing_are_caught() {
    caught(Mutant::SelfTransferMints);
}

#[test]
fn invariant_08_what_a_flush_keeps_is_caught() {
    let found = caught(Mutant::FlushKeepsRemoved);
    assert!(found.contains("the state"), "{found}");
}

#[test]
fn invariant_08_what_an_undo_forgets_is_caught() {
    let found = caught(Mutant::UndoForgotten);
    assert!(found.contains("the state"), "{found}");
}

#[test]
fn invariant_09_a_pool_that_is_not_told_is_caught() {
    let found = caught(Mutant::PoolNotTold);
    assert!(found.contains("wait") || found.contains("came back"), "{found}");
}
