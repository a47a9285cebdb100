//! Hosts that break what they promise their nodes, or each other.
use crate::stage::{base, invariant, run, shown, with_mutant};
use isonomy_sim::check::{self, Replay};
use isonomy_sim::{Mutant, Settings, Sim, coin::Coin, work::Role};

fn judged(host: usize, mutant: Mutant) -> u8 {
    invariant(base().judge_on(|scenario| with_mutant(scenario, host, mutant)))
}

#[test]
fn other_receipts_under_the_same_roots_break_invariant_6() {
    assert_eq!(judged(2, Mutant::MiscountsReceipts), 6);
}

#[test]
fn a_value_too_many_in_the_state_breaks_invariant_8() {
    // Alone with what it makes itself: nobody tells it that its next block is wrong.
    let coin = Coin::new(1).unwrap();
    let run = |mutant: Option<Mutant>| {
        let mut sim = Sim::new(Settings::default(), coin.spec.clone());
        let host = sim.add(coin.maker(Role { mining: true, ..Role::default() }), Vec::new());
        if let Some(mutant) = mutant {
            sim.mutate(host, mutant);
        }
        let found = sim.run_until(60_000, |sim| sim.node(host).chain().best().height == 2);
        assert!(found);
        sim.stop_mining();
        sim.run_for(1_000);
        check::state(&sim, &Replay::of(&sim).unwrap())
    };
    run(None).unwrap();
    assert_eq!(run(Some(Mutant::MiscountsState)).unwrap_err().invariant, 8);
}

#[test]
fn a_store_that_forgets_what_it_acknowledged_breaks_invariant_10() {
    assert_eq!(judged(3, Mutant::Forgets), 10);
    // The host itself is as it should be until it loses its power.
    let sim = run(|scenario| with_mutant(scenario, 2, Mutant::Forgets));
    assert!(check::running(&sim).is_ok() && check::durable(&sim).is_err());
}

#[test]
fn a_host_that_never_hangs_up_breaks_invariant_13() {
    assert_eq!(judged(2, Mutant::Clings), 13);
}

#[test]
fn blame_on_an_honest_host_breaks_invariant_13() {
    let broken = shown(|scenario| {
        let run = scenario.run_on(|scenario| with_mutant(scenario, 3, Mutant::Garbles)).unwrap();
        check::blameless(&run.0).err()
    });
    assert_eq!(broken.invariant, 13);
    assert_ne!(broken.host, 3, "others blame it");
}

#[test]
fn a_request_that_is_never_answered_breaks_invariant_15() {
    let stage = |scenario: &_| {
        let mut stage = with_mutant(scenario, 0, Mutant::Hangs)?;
        let to = stage.coin.wallets[1].address();
        let transfer = stage.coin.wallets[9].transfer(to, 1);
        stage.sim.submit(0, transfer);
        Ok(stage)
    };
    shown(|scenario| (invariant(scenario.judge_on(stage)) == 15).then_some(()));
}
