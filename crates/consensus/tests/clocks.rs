//! Extreme and lying clocks.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{child, genesis, genesis_at, rules, seal};
use isonomy_consensus::pow::{Schedule, Target, Work};
use isonomy_consensus::{Broken, Rules, Trail, check};
use isonomy_types::{Authority, Header, Wall};
use proptest::prelude::*;

fn judge(parent: &Trail, header: &Header) -> Result<Trail, Broken> {
    check(&rules(), parent, &Authority::default(), header)
}

/// From the first moment to the last in one step: valid by the rules, which see no clock. A node
/// waits until its time; a child it cannot have.
#[test]
fn attack_47_extreme_clocks_do_not_overflow() {
    let rules = rules();
    let times = [0, 1, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX];
    for from in times {
        let genesis = genesis_at(&rules, Wall(from));
        for to in times {
            let parent = Trail { time: Wall(0), ..genesis.clone() };
            let header = Header { time: Wall(to), ..child(&parent, 0, 0) };
            let header = seal(&rules, &genesis, header);
            let verdict = judge(&genesis, &header);
            if to > from {
                let trail = verdict.unwrap();
                let target = rules.target(&trail).unwrap();
                assert!(
                    target >= Target::MIN && target <= rules.schedule.easiest.target().unwrap()
                );
            } else {
                let late = Broken::Time { got: Wall(to), limit: Wall(from) };
                assert_eq!(verdict, Err(late), "{from} to {to}");
            }
        }
    }
    let last = Trail { time: Wall(u64::MAX), ..genesis(&rules) };
    let broken = Broken::Time { got: Wall(u64::MAX), limit: Wall(u64::MAX) };
    assert_eq!(judge(&last, &child(&last, 0, 0)), Err(broken));
}

#[test]
fn attack_47_extreme_places_do_not_overflow() {
    let extremes = [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX];
    for interval_ms in [1, 1_000, u64::MAX] {
        for half_life_ms in [1, 60_000, u64::MAX] {
            let schedule = Schedule { interval_ms, half_life_ms, ..common::schedule() };
            let rules = Work { schedule };
            for (height, time) in extremes.iter().flat_map(|h| extremes.map(|t| (*h, t))) {
                let trail = Trail { height, time: Wall(time), ..genesis(&rules) };
                let target = rules.target(&trail).unwrap();
                assert!(target >= Target::MIN && target <= schedule.easiest.target().unwrap());
            }
        }
    }
}

/// Blocks that a miner of 64 hashes a second finds in a day, on a schedule that asks for these.
/// `claim` makes a header's time out of the parent's and the true one.
fn blocks_in_a_day(claim: impl Fn(u64, u64, u64) -> u64) -> u64 {
    let anchor = Target::for_work(640).compact();
    let easiest = Target::for_work(2).compact();
    let schedule = Schedule { anchor, interval_ms: 10_000, half_life_ms: 600_000, easiest };
    let rules = Work { schedule };
    let mut tip = genesis_at(&rules, Wall(0));
    let mut now_ms = 0;
    loop {
        let work = rules.target(&tip).unwrap().work();
        now_ms += u64::try_from(work * 1_000 / 64).unwrap().max(1);
        if now_ms > 86_400_000 {
            return tip.height;
        }
        let time = claim(tip.height, tip.time.0, now_ms);
        assert!(time > tip.time.0 && time <= now_ms, "a header from the future is waited for");
        tip = Trail { height: tip.height + 1, time: Wall(time), ..tip };
    }
}

/// Timewarp holds the clock back and lets it jump at the end of a window. Here is no window.
#[test]
fn attack_46_no_false_clock_yields_more_blocks() {
    let honest = blocks_in_a_day(|_, _, now| now);
    assert!(honest.abs_diff(8_640) <= 1, "{honest} blocks in a day");
    for period in [2, 10, 144, 2_016] {
        let lying = blocks_in_a_day(
            |height, parent, now| {
                if height % period == period - 1 { now } else { parent + 1 }
            },
        );
        assert!(lying <= honest + 1, "{lying} blocks with a jump each {period}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever the times in between, the target follows from where a branch stands.
    #[test]
    fn attack_46_the_way_does_not_matter(
        steps in prop::collection::vec(1..1_000_000_u64, 1..20),
        claims in prop::collection::vec(any::<u16>(), 20),
    ) {
        let rules = rules();
        let start = genesis(&rules);
        let end = start.time.0 + steps.iter().sum::<u64>();
        let walk = |times: &[u64]| {
            times.iter().fold(start.clone(), |tip, time| Trail {
                height: tip.height + 1,
                time: Wall(*time),
                ..tip
            })
        };
        let mut honest: Vec<u64> = steps.iter().scan(start.time.0, |time, step| {
            *time += step;
            Some(*time)
        }).collect();
        let honest_target = rules.target(&walk(&honest)).unwrap();
        for (time, claim) in honest.iter_mut().zip(claims) {
            *time = time.saturating_sub(u64::from(claim));
        }
        *honest.last_mut().unwrap() = end;
        prop_assert_eq!(rules.target(&walk(&honest)).unwrap(), honest_target);
    }

    /// The earlier the time claimed, the harder the next block: honesty is cheapest.
    #[test]
    fn attack_46_an_earlier_time_is_never_easier(
        height in any::<u64>(), time in any::<u64>(), back in any::<u64>(),
    ) {
        let rules = rules();
        let at = |time| Trail { height, time: Wall(time), ..genesis(&rules) };
        let honest = rules.target(&at(time)).unwrap();
        prop_assert!(rules.target(&at(time.saturating_sub(back))).unwrap() <= honest);
        prop_assert!(honest >= Target::MIN && honest <= rules.schedule.easiest.target().unwrap());
    }

    /// A trail carries genesis along, unchanged: its size never grows.
    #[test]
    fn the_memory_stays_that_of_genesis(steps in prop::collection::vec(1..100_000_u64, 1..6)) {
        let rules = rules();
        let genesis = genesis(&rules);
        let mut tip = genesis.clone();
        for header in common::mined(&rules, &genesis, &steps) {
            tip = judge(&tip, &header).unwrap();
            prop_assert_eq!(&tip.memory, &rules.begin(&common::genesis_header(genesis.time)));
        }
    }
}
