//! The ledger and the validator, on the same random histories (invariants 2 and 6 to 9).
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::mutant::Mutant;
use common::{Counts, histories, history};

/// Drawn in a default run. `ISONOMY_TRANSACTIONS` and `ISONOMY_SEED` make it longer, or another.
const TRANSACTIONS: u64 = 100_000;

/// Every outcome and event that the histories are about, and the least of it in a hundred thousand
/// transactions.
const LEAST: [(&str, u64); 31] = [
    ("blocks", 1_000),
    ("lies", 50),
    ("reorganisations", 200),
    ("flushes", 100),
    ("undone", 40),
    ("executed again", 100),
    ("one signer", 20_000),
    ("several signers", 5_000),
    ("code 0", 20_000),
    ("code 1", 1_000),
    ("code 4", 500),
    ("code 7", 500),
    ("code 13", 50),
    ("code 256", 500),
    ("code 257", 1_000),
    ("code 259", 500),
    ("Expired", 500),
    ("Policy", 1_000),
    ("Nonce", 1_000),
    ("Price", 500),
    ("Meter", 500),
    ("BlockMeter", 500),
    ("BlockBytes", 1),
    ("Payer", 500),
    ("waited", 1_000),
    ("not let in", 50),
    ("returned", 200),
    ("confirmed", 500),
    ("drawn", TRANSACTIONS),
    ("restarts", 10),
    ("histories", 10),
];

fn enough(counts: &Counts) {
    for (name, least) in LEAST {
        let got = counts.get(name).copied().unwrap_or(0);
        assert!(got >= least, "{name}: {got} of {least} in {counts:#?}");
    }
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
