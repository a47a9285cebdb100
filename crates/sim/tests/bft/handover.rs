//! Somebody who runs no block follows the headers from genesis, through the change of committee.
use crate::rules::{Phase, Proof, Rounds, Statement};
use crate::turnover::{TURNOVER, turned_over};
use crate::variants::right;
use crate::world::{FIRST, SECOND, World, authority, secret};
use isonomy_consensus::{Broken, Follow, Followed};
use isonomy_types::{Blob, Decode, Encode, Entry, List};
use std::sync::Arc;

/// A host's final history, without genesis, as a light client would be shown it.
fn history(world: &World, host: usize) -> Vec<Entry> {
    let node = world.sim.node(host);
    let archive = world.sim.host(host).archive();
    let mut entries = archive.headers(&[world.genesis()], usize::MAX, usize::MAX).unwrap();
    entries.extend(node.chain().after(&[node.chain().base().id], usize::MAX).unwrap());
    entries
}

fn follow(world: &World, entries: Vec<Entry>) -> Followed {
    let (parent, authority) = (world.spec.genesis.tip.trail.clone(), Arc::new(authority(&FIRST)));
    Follow { rules: Arc::new(Rounds), parent, authority, entries }.run()
}

#[test]
fn a_light_path_verifies_the_hand_over() {
    let world = turned_over(3, right);
    let entries = history(&world, 4);
    assert!(entries.len() as u64 > TURNOVER + 2);
    let followed = follow(&world, entries.clone());
    assert_eq!(followed.broken, None);
    assert!(followed.valid.iter().all(|valid| valid.certified()), "all is proven final");
    let turn = TURNOVER as usize - 1;
    assert_eq!(entries[turn].authority, Some(authority(&SECOND)));
    assert_eq!(entries.iter().filter(|entry| entry.authority.is_some()).count(), 1);

    let broken = |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut entries = entries.clone();
        change(&mut entries);
        follow(&world, entries).broken
    };
    let hidden = broken(&|entries| entries[turn].authority = None);
    let limit = authority(&SECOND).hash();
    assert_eq!(hidden, Some((turn + 1, Broken::AuthorityMissing { limit })));
    let forged = broken(&|entries| entries[turn].authority = Some(authority(&[2, 3, 4, 6])));
    assert!(matches!(forged, Some((at, Broken::Authority { .. })) if at == turn));

    // Votes of the committee that is gone prove nothing, nor do too few, nor another block's.
    for (at, members) in [(turn + 1, FIRST), (turn, SECOND)] {
        let foreign = broken(&|entries| certify(&mut entries[at], &members));
        assert_eq!(foreign, Some((at, Broken::Certificate("a stranger votes"))));
    }
    let few = broken(&|entries| certify(&mut entries[turn + 1], &SECOND[..2]));
    assert_eq!(few, Some((turn + 1, Broken::Certificate("two thirds of the power or less"))));
    let right = broken(&|entries| certify(&mut entries[turn + 1], &SECOND[1..]));
    assert_eq!(right, None, "any three of the new committee will do");
    let other = broken(&|entries| entries[2].certificate = entries[3].certificate.clone());
    assert_eq!(other, Some((2, Broken::Certificate("a signature is wrong"))));
}

/// Puts a certificate by these members beside the header.
fn certify(entry: &mut Entry, members: &[u8]) {
    let (height, what) = (entry.header.height, entry.header.id());
    let statement = Statement { height, round: 0, phase: Phase::Commit, what };
    let mut votes: Vec<_> = members
        .iter()
        .map(|byte| secret(*byte))
        .map(|s| (s.public(), s.sign(&statement.to_sign(), &[0; 32]).unwrap()))
        .collect();
    votes.sort_by_key(|(key, _)| *key);
    let proof = Proof { round: 0, votes: List::truncated(votes) };
    assert_eq!(Proof::decode_exact(&proof.encode()).unwrap(), proof);
    entry.certificate = Some(Blob::truncated(proof.encode()));
}
