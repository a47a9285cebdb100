//! Runs of entries: the authority handed over, certificates, and what stops a run.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{child, entry, genesis, mined, rules};
use isonomy_consensus::{Broken, Follow, Followed, Rules, Step, Trail, Valid, check};
use isonomy_types::{Authority, Blob, Certificate, Committee, Entry, Header};
use proptest::prelude::*;
use std::sync::Arc;

fn authority(rules_version: u32) -> Authority {
    Authority { rules_version, committee: Committee::default() }
}

/// The seal names the rules version that binds the header; a certificate, the height.
struct Named;

impl Rules for Named {
    fn step(&self, _: &Trail, authority: &Authority, header: &Header) -> Result<Step, Broken> {
        let step = Step { weight: 1, memory: Blob::default() };
        let named = header.seal[..] == authority.rules_version.to_le_bytes();
        let other = Broken::Seal(isonomy_consensus::SealError::Other("another version"));
        named.then_some(step).ok_or(other)
    }
    fn certified(&self, _: &Authority, block: &Trail, proof: &Certificate) -> Result<(), Broken> {
        let named = proof[..] == block.height.to_le_bytes();
        named.then_some(()).ok_or(Broken::Certificate("another height"))
    }
    fn begin(&self, _: &Header) -> Blob<64> {
        Blob::default()
    }
}

/// A chain whose block `i` hands over to `versions[i]`; every entry shows the new authority if it
/// changes.
fn handing_over(versions: &[u32]) -> (Trail, Vec<Entry>) {
    let genesis = genesis(&Named);
    let (mut parent, mut version, mut entries) = (genesis.clone(), 0_u32, Vec::new());
    for next in versions {
        let mut header = child(&parent, 1, 0);
        header.next_authority = authority(*next).hash();
        header.seal = Blob::truncated(version.to_le_bytes().to_vec());
        parent = check(&Named, &parent, &authority(version), &header).unwrap();
        let shown = (*next != version).then(|| authority(*next));
        entries.push(Entry { authority: shown, ..entry(header) });
        version = *next;
    }
    (genesis, entries)
}

fn follow(parent: Trail, entries: Vec<Entry>) -> Followed {
    Follow { rules: Arc::new(Named), parent, authority: Arc::default(), entries }.run()
}

#[test]
fn the_authority_shown_binds_what_follows() {
    let (genesis, entries) = handing_over(&[0, 1, 1, 2, 0]);
    let followed = follow(genesis, entries.clone());
    assert_eq!(followed.broken, None);
    let bound: Vec<_> =
        followed.valid.iter().map(|valid| valid.authority().unwrap().rules_version).collect();
    assert_eq!(bound, [0, 1, 1, 2, 0]);
    let kept: Vec<_> = followed.valid.iter().map(|valid| valid.entry().clone()).collect();
    assert_eq!(kept, entries);
}

#[test]
fn an_authority_not_shown_stops_at_the_next_header() {
    let (genesis, mut entries) = handing_over(&[0, 1, 1]);
    entries[1].authority = None;
    let followed = follow(genesis, entries);
    let limit = authority(1).hash();
    assert_eq!(followed.broken, Some((2, Broken::AuthorityMissing { limit })));
    assert_eq!(followed.valid.len(), 2);
    assert_eq!(followed.valid[1].authority(), None);
    assert_eq!(followed.valid[1].trail().next_authority, limit);
}

#[test]
fn an_authority_not_shown_at_the_end_breaks_nothing() {
    let (genesis, mut entries) = handing_over(&[0, 1]);
    entries[1].authority = None;
    let followed = follow(genesis, entries);
    assert_eq!(followed.broken, None);
    assert_eq!(followed.valid[1].authority(), None);
}

#[test]
fn another_authority_than_the_one_committed_is_refused() {
    let (genesis, mut entries) = handing_over(&[0, 1, 1]);
    for at in [0, 1] {
        let before = entries[at].authority.replace(authority(7));
        let followed = follow(genesis.clone(), entries.clone());
        let (got, limit) = (authority(7).hash(), entries[at].header.next_authority);
        assert_eq!(followed.broken, Some((at, Broken::Authority { got, limit })));
        assert_eq!(followed.valid.len(), at);
        entries[at].authority = before;
    }
}

#[test]
fn an_authority_shown_without_need_is_taken_out() {
    let (genesis, mut entries) = handing_over(&[0, 0]);
    entries[0].authority = Some(authority(0));
    let followed = follow(genesis, entries);
    assert_eq!(followed.broken, None);
    assert_eq!(followed.valid[0].entry().authority, None);
    assert_eq!(followed.valid[0].authority().map(|a| a.rules_version), Some(0));
}

#[test]
fn a_certificate_is_kept_only_if_the_rules_accept_it() {
    let (genesis, mut entries) = handing_over(&[0, 0, 0]);
    let proof = |height: u64| Some(Blob::truncated(height.to_le_bytes().to_vec()));
    entries[1].certificate = proof(2);
    let followed = follow(genesis.clone(), entries.clone());
    let certified: Vec<_> = followed.valid.iter().map(Valid::certified).collect();
    assert_eq!(certified, [false, true, false]);
    assert_eq!(followed.valid[1].entry().certificate, proof(2));

    entries[1].certificate = proof(9);
    let followed = follow(genesis, entries);
    assert_eq!(followed.broken, Some((1, Broken::Certificate("another height"))));
    assert_eq!(followed.valid.len(), 1);
}

#[test]
fn nothing_to_follow_is_fine() {
    let followed = follow(genesis(&Named), Vec::new());
    assert_eq!(followed, Followed { valid: Vec::new(), broken: None });
}

#[test]
fn our_own_header_is_checked_too() {
    let (genesis, entries) = handing_over(&[1]);
    let header = entries[0].header.clone();
    let bound = Arc::new(authority(0));
    let own = Valid::own(&Named, &genesis, &bound, header.clone(), &authority(1)).unwrap();
    assert_eq!(follow(genesis.clone(), entries).valid, std::slice::from_ref(&own));
    let (entry, trail, next) = own.into_parts();
    assert_eq!((entry.header, trail.id), (header.clone(), header.id()));
    assert_eq!(next.map(|next| next.rules_version), Some(1));

    let wrong = Valid::own(&Named, &genesis, &bound, header.clone(), &authority(2));
    assert!(matches!(wrong, Err(Broken::Authority { .. })));
    let unsealed = Header { seal: Blob::default(), ..header };
    let refused = Valid::own(&Named, &genesis, &bound, unsealed, &authority(1));
    assert!(matches!(refused, Err(Broken::Seal(_))));
}

/// An invalid seal poisons nothing: the seal is part of the id, so the honest header is another.
#[test]
fn attack_50_an_invalid_seal_does_not_poison_the_header() {
    let rules = rules();
    let genesis = genesis(&rules);
    let honest = mined(&rules, &genesis, &[1_000]).remove(0);
    let mut forged = honest.clone();
    forged.seal = Blob::truncated(vec![1; 15]);
    assert_eq!(forged.seal_hash(), honest.seal_hash());
    assert_ne!(forged.id(), honest.id());
    let judge = |header: &Header| {
        let (parent, entries) = (genesis.clone(), vec![entry(header.clone())]);
        Follow { rules: Arc::new(rules), parent, authority: Arc::default(), entries }.run()
    };
    let refused = judge(&forged);
    assert!(refused.valid.is_empty(), "nothing exists that a tree could remember");
    assert!(matches!(refused.broken, Some((0, Broken::Seal(_)))));
    assert_eq!(judge(&honest).broken, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// `Follow` is a fold of `check`, stopped by the first that fails.
    #[test]
    fn follow_is_a_fold_of_check(
        steps in prop::collection::vec(1..3_000_u64, 0..8),
        spoil in prop::option::of((0..8_usize, 0..4_u8)),
    ) {
        let rules = rules();
        let genesis = genesis(&rules);
        let mut headers = mined(&rules, &genesis, &steps);
        if let Some((header, how)) = spoil.and_then(|(at, how)| Some((headers.get_mut(at)?, how))) {
            match how {
                0 => header.height += 1,
                1 => header.time.0 -= 3_000,
                2 => header.seal = Blob::default(),
                _ => header.parent = header.body_root,
            }
        }
        let (mut parent, mut trails, mut broken) = (genesis.clone(), Vec::new(), None);
        for (index, header) in headers.iter().enumerate() {
            match check(&rules, &parent, &Authority::default(), header) {
                Ok(trail) => { trails.push(trail.clone()); parent = trail; }
                Err(why) => { broken = Some((index, why)); break; }
            }
        }
        let entries = headers.into_iter().map(entry).collect();
        let authority = Arc::default();
        let followed = Follow { rules: Arc::new(rules), parent: genesis, authority, entries }.run();
        let found: Vec<_> = followed.valid.iter().map(|valid| valid.trail().clone()).collect();
        prop_assert_eq!(found, trails);
        prop_assert_eq!(followed.broken, broken);
    }

    /// Cutting a run in two and following each part gives the same.
    #[test]
    fn a_run_may_be_cut(versions in prop::collection::vec(0..3_u32, 1..12), cut in any::<prop::sample::Index>()) {
        let (genesis, entries) = handing_over(&versions);
        let whole = follow(genesis.clone(), entries.clone());
        let cut = cut.index(entries.len());
        let first = follow(genesis.clone(), entries[..cut].to_vec());
        let last = first.valid.last();
        let parent = last.map_or(genesis, |valid| valid.trail().clone());
        let authority = last.map_or_else(Arc::default, |valid| valid.authority().unwrap().clone());
        let rest =
            Follow { rules: Arc::new(Named), parent, authority, entries: entries[cut..].to_vec() };
        let parts: Vec<_> = first.valid.iter().cloned().chain(rest.run().valid).collect();
        prop_assert_eq!(parts, whole.valid);
    }
}
