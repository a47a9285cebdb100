//! Chains and trees to test with.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

pub mod script;

use isonomy_consensus::pow::{Mine, Schedule, Target, Work, WorkSeal};
use isonomy_consensus::{Rules, Trail, check};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Authority, Blob, Encode, Entry, Header, Version, Wall};

/// A block each second, 16 hashes each.
pub fn schedule() -> Schedule {
    let easy = Target::for_work(16).compact();
    Schedule { anchor: easy, interval_ms: 1_000, half_life_ms: 60_000, easiest: easy }
}

pub fn rules() -> Work {
    Work { schedule: schedule() }
}

pub fn hash(of: impl Encode) -> Hash {
    of.digest(&Domain::new("isonomy consensus tests"))
}

/// A header of `parent`'s child, `ms` later, without a seal.
pub fn child(parent: &Trail, ms: u64, salt: u64) -> Header {
    Header {
        version: Version,
        parent: parent.id,
        height: parent.height + 1,
        time: Wall(parent.time.0 + ms),
        producer: Address(hash(salt)),
        body_root: Hash::ZERO,
        state_root: Hash::ZERO,
        receipts_root: Hash::ZERO,
        next_authority: parent.next_authority,
        next_params: Hash::ZERO,
        seal: Blob::default(),
    }
}

pub fn genesis_header(time: Wall) -> Header {
    Header {
        version: Version,
        parent: Hash::ZERO,
        height: 0,
        time,
        producer: Address(Hash::ZERO),
        body_root: Hash::ZERO,
        state_root: Hash::ZERO,
        receipts_root: Hash::ZERO,
        next_authority: Authority::default().hash(),
        next_params: Hash::ZERO,
        seal: Blob::default(),
    }
}

pub fn genesis(rules: &dyn Rules) -> Trail {
    genesis_at(rules, Wall(5_000))
}

pub fn genesis_at(rules: &dyn Rules, time: Wall) -> Trail {
    let header = genesis_header(time);
    Trail { memory: rules.begin(&header), ..Trail::trusted(&header) }
}

/// Puts a seal under `header` that meets the target.
pub fn seal(rules: &Work, parent: &Trail, mut header: Header) -> Header {
    let target = rules.target(parent).unwrap();
    let seal_hash = header.seal_hash();
    let mine = Mine { target, seal_hash, extra: 0, from: 0, tries: u64::MAX };
    header.seal = WorkSeal { nonce: mine.run().unwrap(), extra: 0 }.seal();
    header
}

/// Mined headers on `parent`, each `step_ms` after the one before.
pub fn mined(rules: &Work, parent: &Trail, steps_ms: &[u64]) -> Vec<Header> {
    let mut parent = parent.clone();
    let mut headers = Vec::new();
    for (salt, ms) in steps_ms.iter().enumerate() {
        let header = seal(rules, &parent, child(&parent, *ms, salt as u64));
        parent = check(rules, &parent, &Authority::default(), &header).unwrap();
        headers.push(header);
    }
    headers
}

pub fn entry(header: Header) -> Entry {
    Entry { header, authority: None, certificate: None }
}

/// A trail as some rules might have made it, for what does not look at headers.
pub fn trail_on(parent: &Trail, salt: u64, weight: u128) -> Trail {
    Trail {
        id: hash((parent.id, salt)),
        parent: parent.id,
        height: parent.height + 1,
        time: Wall(parent.time.0 + 1_000),
        weight: parent.weight + weight,
        next_authority: parent.next_authority,
        memory: parent.memory.clone(),
    }
}

/// A line of trails on `parent`, each of weight 1.
pub fn line(parent: &Trail, salt: u64, length: usize) -> Vec<Trail> {
    let next = |trail: &Trail| Some(trail_on(trail, salt, 1));
    std::iter::successors(next(parent), next).take(length).collect()
}

/// The first at index 0, and for each pick a trail on one of those before it.
pub fn grow(first: Trail, picks: &[(u8, u8)]) -> Vec<Trail> {
    let mut trails = vec![first];
    for (salt, (parent, weight)) in picks.iter().enumerate() {
        // Mostly near the end, so that branches get long.
        let parent = trails.len() - 1 - (usize::from(*parent) % trails.len().min(5));
        trails.push(trail_on(&trails[parent].clone(), salt as u64, u128::from(*weight % 3) + 1));
    }
    trails
}
