//! Nodes that are made wrong.
use crate::stage::{base, invariant};
use isonomy_chain::PoolLimits;
use isonomy_sim::check;
use isonomy_sim::coin::Coin;
use isonomy_sim::scenario::{Act, POOL, Scenario, Stage, Step, WALLETS};
use isonomy_sim::work::Role;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Nobody mines, and everybody pays: more waits than a mempool may hold.
fn flood() -> Scenario {
    let transfer = |turn: usize| {
        let act = Act::Transfer { host: 0, from: turn % WALLETS, to: 0, amount: 1 };
        Step { at_ms: 100 * turn as u64, act }
    };
    let steps = (0..100).map(transfer).collect();
    Scenario { nodes: 1, miners: 1, interval_ms: 600_000, steps, ..base() }
}

fn waiting(pool: PoolLimits) -> (usize, Result<(), check::Broken>) {
    let stage = |scenario: &Scenario| {
        Stage::with(scenario, Coin::new(WALLETS)?, |coin, _, role| {
            Box::new(coin.maker(Role { pool, mining: false, ..role }))
        })
    };
    let (sim, submitted) = flood().run_on(stage).unwrap();
    assert_eq!(submitted, 100);
    (sim.node(0).pool().len(), check::bounded(&sim))
}

#[test]
fn a_mempool_without_its_limit_breaks_invariant_11() {
    let (kept, bounded) = waiting(POOL);
    bounded.unwrap();
    assert!(kept * 2 > POOL.transactions, "{kept}");
    let (kept, bounded) = waiting(PoolLimits::default());
    assert!(kept > POOL.transactions, "{kept}");
    assert_eq!(bounded.unwrap_err().invariant, 11);
}

#[test]
fn a_run_in_which_nothing_happens_breaks_invariant_16() {
    let idle = |scenario: &Scenario| {
        Stage::with(scenario, Coin::new(WALLETS)?, |coin, _, role| {
            Box::new(coin.maker(Role { mining: false, ..role }))
        })
    };
    assert_eq!(invariant(base().judge_on(idle)), 16);
    let calm = Scenario { steps: Vec::new(), ..base() };
    calm.judge().unwrap_or_else(|failure| panic!("what was not planned is not missed: {failure}"));
}

#[test]
fn nodes_that_draw_from_elsewhere_break_invariant_17() {
    let elsewhere = Arc::new(AtomicU8::new(0));
    let stage = |scenario: &Scenario| {
        Stage::with(scenario, Coin::new(WALLETS)?, |coin, _, role| {
            let (make, elsewhere) = (coin.maker(role), elsewhere.clone());
            Box::new(move |now, recovered, mut seed| {
                seed[0] ^= elsewhere.fetch_add(1, Ordering::Relaxed);
                make(now, recovered, seed)
            })
        })
    };
    assert_eq!(invariant(base().judge_twice_on(stage)), 17);
}
