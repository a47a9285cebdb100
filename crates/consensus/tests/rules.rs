//! What makes a header valid.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{child, genesis, genesis_at, mined, rules, schedule, seal};
use isonomy_consensus::pow::{Mine, Target, Work, WorkSeal, work_hash};
use isonomy_consensus::{Broken, Rules, SealError, Trail, check};
use isonomy_crypto::Hash;
use isonomy_types::{Authority, Blob, Committee, Decode, Header, Wall};
use proptest::prelude::*;

fn other_authority() -> Authority {
    Authority { rules_version: 9, committee: Committee::default() }
}

#[test]
fn each_rule_of_every_chain_has_its_verdict() {
    let rules = rules();
    let genesis = genesis(&rules);
    let other = other_authority();
    let (got, limit) = (other.hash(), Authority::default().hash());
    type Change = fn(&mut Header);
    let table: [(&str, Change, &Authority, Broken); 7] = [
        ("another parent", |h| h.parent = Hash::ZERO, &Authority::default(), Broken::Parent),
        (
            "the parent's height",
            |h| h.height = 0,
            &Authority::default(),
            Broken::Height { got: 0, limit: 1 },
        ),
        (
            "the greatest height",
            |h| h.height = u64::MAX,
            &Authority::default(),
            Broken::Height { got: u64::MAX, limit: 1 },
        ),
        (
            "the parent's time",
            |h| h.time = Wall(5_000),
            &Authority::default(),
            Broken::Time { got: Wall(5_000), limit: Wall(5_000) },
        ),
        (
            "an earlier time",
            |h| h.time = Wall(0),
            &Authority::default(),
            Broken::Time { got: Wall(0), limit: Wall(5_000) },
        ),
        ("another authority", |_| {}, &other, Broken::Authority { got, limit }),
        (
            "no seal",
            |h| h.seal = Blob::default(),
            &Authority::default(),
            Broken::Seal(SealError::Length { got: 0, limit: 16 }),
        ),
    ];
    let header = seal(&rules, &genesis, child(&genesis, 1, 0));
    assert!(check(&rules, &genesis, &Authority::default(), &header).is_ok());
    for (what, change, authority, broken) in table {
        let mut header = header.clone();
        change(&mut header);
        assert_eq!(check(&rules, &genesis, authority, &header), Err(broken), "{what}");
    }
}

#[test]
fn the_first_broken_rule_is_named() {
    let rules = rules();
    let genesis = genesis(&rules);
    let mut header = Header { height: 7, time: Wall(0), ..child(&genesis, 1, 0) };
    let mut verdict = |change: fn(&mut Header)| {
        change(&mut header);
        check(&rules, &genesis, &other_authority(), &header).unwrap_err()
    };
    assert!(matches!(verdict(|h| h.parent = Hash::ZERO), Broken::Parent));
    assert!(matches!(
        verdict(|h| h.parent = genesis_at(&common::rules(), Wall(5_000)).id),
        Broken::Height { .. }
    ));
    assert!(matches!(verdict(|h| h.height = 1), Broken::Time { .. }));
    assert!(matches!(verdict(|h| h.time = Wall(6_000)), Broken::Authority { .. }));
}

#[test]
fn the_last_height_has_no_child() {
    let rules = rules();
    let last = Trail { height: u64::MAX, ..genesis(&rules) };
    let header = Header { height: u64::MAX, parent: last.id, ..child(&genesis(&rules), 1, 0) };
    let broken = Broken::Height { got: u64::MAX, limit: u64::MAX };
    assert_eq!(check(&rules, &last, &Authority::default(), &header), Err(broken));
}

#[test]
fn a_valid_header_extends_the_trail() {
    let rules = rules();
    let genesis = genesis(&rules);
    let header = seal(&rules, &genesis, child(&genesis, 1_000, 0));
    let trail = check(&rules, &genesis, &Authority::default(), &header).unwrap();
    let expected = Trail {
        id: header.id(),
        parent: genesis.id,
        height: 1,
        time: Wall(6_000),
        weight: schedule().anchor.target().unwrap().work(),
        next_authority: header.next_authority,
        memory: genesis.memory.clone(),
    };
    assert_eq!(trail, expected);
}

#[test]
fn weight_saturates() {
    let rules = rules();
    let heavy = Trail { weight: u128::MAX - 1, ..genesis(&rules) };
    let header = seal(&rules, &heavy, child(&heavy, 1, 0));
    let trail = check(&rules, &heavy, &Authority::default(), &header).unwrap();
    assert_eq!(trail.weight, u128::MAX);
}

#[test]
fn more_weight_wins_and_of_equals_the_lower_id() {
    let id = |byte| Hash::from_bytes([byte; 32]);
    let trail = |byte, weight| Trail { id: id(byte), weight, ..genesis(&rules()) };
    let table = [
        ("heavier, higher id", trail(9, 2), trail(1, 1), true),
        ("lighter, lower id", trail(1, 1), trail(9, 2), false),
        ("equal, lower id", trail(1, 1), trail(9, 1), true),
        ("equal, higher id", trail(9, 1), trail(1, 1), false),
        ("itself", trail(1, 1), trail(1, 1), false),
    ];
    for (what, one, other, wins) in table {
        assert_eq!(one.outweighs(&other), wins, "{what}");
    }
}

#[test]
fn work_judges_the_seal() {
    let hard = Target::for_work(1 << 20).compact();
    let schedule = isonomy_consensus::pow::Schedule { anchor: hard, easiest: hard, ..schedule() };
    let rules = Work { schedule };
    let genesis = genesis(&rules);
    let header =
        |bytes: Vec<u8>| Header { seal: bytes.try_into().unwrap(), ..child(&genesis, 1, 0) };
    let verdict = |header: &Header| check(&rules, &genesis, &Authority::default(), header);
    for got in [0, 15, 17, 256] {
        let length = SealError::Length { got, limit: 16 };
        assert_eq!(verdict(&header(vec![0; got])), Err(Broken::Seal(length)));
    }
    let weak = header(WorkSeal { nonce: 0, extra: 0 }.seal().into_vec());
    let got = work_hash(&weak.seal_hash(), WorkSeal::default());
    let Err(Broken::Seal(SealError::Work { got: found, limit })) = verdict(&weak) else {
        panic!("a seal without work is accepted")
    };
    assert_eq!(found, got);
    assert!(limit < got, "as bytes they compare like the numbers");
}

#[test]
fn a_trail_of_other_rules_is_no_parent() {
    let rules = rules();
    let genesis = genesis(&rules);
    for got in [0, 15, 17, 64] {
        let memory = Blob::truncated(vec![0; got]);
        let parent = Trail { memory, ..genesis.clone() };
        let header = child(&parent, 1, 0);
        let broken = Err(Broken::Memory { got });
        assert_eq!(check(&rules, &parent, &Authority::default(), &header), broken);
    }
}

#[test]
fn work_has_no_certificates() {
    let rules = rules();
    let verdict = rules.certified(&Authority::default(), &genesis(&rules), &Blob::default());
    assert!(matches!(verdict, Err(Broken::Certificate(_))));
}

#[test]
fn errors_tell_got_and_limit() {
    let height = Broken::Height { got: 3, limit: 2 };
    assert_eq!(height.to_string(), "height 3, must be 2");
    let time = Broken::Time { got: Wall(1), limit: Wall(2) };
    assert_eq!(time.to_string(), "time 1 ms, must be after 2 ms");
    let seal = Broken::Seal(SealError::Length { got: 1, limit: 16 });
    assert_eq!(seal.to_string(), "seal: 1 bytes, must be 16");
}

#[test]
fn mining_finds_the_lowest_nonce_of_its_slice() {
    let (target, seal_hash) = (Target::for_work(64), common::hash(1_u8));
    let meets =
        |nonce, extra| target.met_by(work_hash(&seal_hash, WorkSeal { nonce, extra }).as_bytes());
    for (from, tries, extra) in [(0, 1_000, 0), (5, 3, 0), (77, 500, 9), (0, 0, 0)] {
        let mine = Mine { target, seal_hash, extra, from, tries };
        let expected = (from..from + tries).find(|nonce| meets(*nonce, extra));
        assert_eq!(mine.run(), expected);
        assert_eq!(mine.expected(), 64);
    }
}

#[test]
fn the_search_goes_on_where_it_ended() {
    let mine =
        |extra, from| Mine { target: Target::MIN, seal_hash: Hash::ZERO, extra, from, tries: 10 };
    let table = [
        ("the next slice", mine(3, 20), mine(3, 30)),
        ("the last whole slice", mine(3, u64::MAX - 10), mine(3, u64::MAX)),
        ("the last nonce", mine(3, u64::MAX - 9), mine(4, 0)),
        ("a slice cut short", mine(3, u64::MAX), mine(4, 0)),
        ("all is used up", mine(u64::MAX, u64::MAX), mine(0, 0)),
    ];
    for (what, one, next) in table {
        assert_eq!(one.next(), next, "{what}");
        assert_eq!(one.run(), None, "{what}: two hashes in 2^256 meet this target");
    }
    let all = Mine { target: Target::MAX, ..mine(0, u64::MAX) };
    assert_eq!(all.run(), Some(u64::MAX), "the last nonce is tried");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn weights_sum_up(steps in prop::collection::vec(1..5_000_u64, 1..12)) {
        let rules = rules();
        let mut parent = genesis(&rules);
        let mut sum = 0;
        for header in mined(&rules, &parent, &steps) {
            sum += rules.target(&parent).unwrap().work();
            parent = check(&rules, &parent, &Authority::default(), &header).unwrap();
            prop_assert_eq!(parent.weight, sum);
        }
    }

    #[test]
    fn a_corrupted_header_is_refused_or_another(at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let rules = rules();
        let genesis = genesis(&rules);
        let header = &mined(&rules, &genesis, &[1_000])[0];
        let mut bytes = isonomy_types::Encode::encode(header);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = Header::decode_exact(&bytes) {
            prop_assert_ne!(other.id(), header.id());
            // With luck, one in 16, the changed header has enough work of its own.
            if let Ok(trail) = check(&rules, &genesis, &Authority::default(), &other) {
                prop_assert_eq!(trail.id, other.id());
            }
        }
    }
}
