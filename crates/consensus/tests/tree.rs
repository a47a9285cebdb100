//! The header tree, case by case. `tree_model.rs` compares it with a naive one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{genesis, grow, line, rules, trail_on};
use isonomy_consensus::{BELOW_MAX, HEADERS_AHEAD, HEADERS_MAX, Trail, Tree, TreeError};
use isonomy_crypto::Hash;

fn root() -> Trail {
    genesis(&rules())
}

/// A tree with `branch` on its root.
fn tree_of(branch: &[Trail]) -> Tree {
    let mut tree = Tree::new(root());
    branch.iter().for_each(|trail| tree.insert(trail.clone()).unwrap());
    tree
}

#[test]
fn a_header_is_taken_once_and_after_its_parent() {
    let branch = line(&root(), 0, 2);
    let mut tree = Tree::new(root());
    let orphan = TreeError::Orphan { parent: branch[0].id };
    assert_eq!(tree.insert(branch[1].clone()), Err(orphan));
    assert_eq!(tree.insert(root()), Err(TreeError::Known));
    assert_eq!(tree.insert(branch[0].clone()), Ok(()));
    assert_eq!(tree.insert(branch[0].clone()), Err(TreeError::Known));
    assert_eq!(tree.insert(branch[1].clone()), Ok(()));
    assert_eq!(tree.len(), 3);
    assert_eq!(tree.get(&branch[1].id), Some(&branch[1]));
}

#[test]
fn ancestry_goes_down_to_the_oldest() {
    let branch = line(&root(), 0, 3);
    let tree = tree_of(&branch);
    let ids: Vec<Hash> = tree.ancestry(branch[2].id).map(|trail| trail.id).collect();
    assert_eq!(ids, [branch[2].id, branch[1].id, branch[0].id, root().id]);
    assert_eq!(tree.ancestry(Hash::ZERO).count(), 0);
}

#[test]
fn any_height_of_a_long_branch_is_found() {
    let branch = line(&root(), 0, 5_000);
    let tree = tree_of(&branch);
    let top = branch.last().unwrap();
    for trail in &branch {
        assert_eq!(tree.ancestor(&top.id, trail.height), Some(trail));
    }
    assert_eq!(tree.ancestor(&top.id, top.height + 1), None);
    let middle = &branch[2_499];
    let fork = line(middle, 1, 1_000);
    let mut tree = tree;
    fork.iter().for_each(|trail| tree.insert(trail.clone()).unwrap());
    assert_eq!(tree.fork_point(&top.id, &fork[999].id), Some(middle));
    assert!(tree.leads_through(&fork[999].id, &middle.id));
    assert!(!tree.leads_through(&fork[999].id, &branch[2_500].id));
}

#[test]
fn the_heaviest_is_the_same_in_any_order() {
    let tied: Vec<Trail> = (0..6).map(|salt| trail_on(&root(), salt, 7)).collect();
    let lowest = tied.iter().min_by_key(|trail| trail.id).unwrap();
    let reversed: Vec<Trail> = tied.iter().rev().cloned().collect();
    for branch in [&tied, &reversed] {
        let tree = tree_of(branch);
        assert_eq!(tree.heaviest(|_| true), Some(lowest));
        assert_eq!(tree.leaves().next(), Some(lowest));
        let other = tree.heaviest(|trail| trail.id != lowest.id).unwrap();
        assert!(lowest.outweighs(other));
    }
}

#[test]
fn what_stands_on_a_condemned_block_is_condemned() {
    let branch = line(&root(), 0, 4);
    let mut tree = tree_of(&branch);
    let ids: Vec<Hash> = branch[1..].iter().map(|trail| trail.id).collect();
    assert_eq!(tree.condemn(branch[1].id), ids);
    assert_eq!(tree.condemn(branch[1].id), []);
    assert!(!tree.is_condemned(&branch[0].id));
    assert!(tree.is_condemned(&branch[1].id));
    assert_eq!(tree.heaviest(|_| true), Some(&branch[0]));
    assert_eq!(tree.leaves().collect::<Vec<_>>(), [&branch[0]]);
    assert_eq!(tree.insert(branch[1].clone()), Err(TreeError::Condemned));
    assert_eq!(tree.insert(branch[2].clone()), Err(TreeError::Condemned));
    let orphan = TreeError::Orphan { parent: branch[2].id };
    assert_eq!(tree.insert(branch[3].clone()), Err(orphan), "what stood on it is implied");
    assert_eq!(tree.len(), 3);
    assert_eq!(tree.insert(trail_on(&branch[0], 9, 1)), Ok(()));
}

#[test]
fn the_root_and_what_is_below_cannot_be_condemned() {
    let branch = line(&root(), 0, 3);
    let mut tree = tree_of(&branch);
    tree.reroot(branch[1].id);
    for id in [root().id, branch[0].id, branch[1].id, Hash::ZERO] {
        assert_eq!(tree.condemn(id), []);
    }
    assert_eq!(tree.condemn(branch[2].id), [branch[2].id]);
}

#[test]
fn the_root_moves_up_and_other_branches_go() {
    let branch = line(&root(), 0, 3);
    let mut tree = tree_of(&branch);
    let (early, late) = (trail_on(&root(), 8, 9), trail_on(&branch[0], 9, 9));
    tree.insert(early.clone()).unwrap();
    tree.insert(late.clone()).unwrap();
    assert_eq!(tree.reroot(branch[0].id), [early.id]);
    assert_eq!(tree.root(), &branch[0]);
    assert_eq!(tree.reroot(early.id), []);
    assert_eq!(tree.reroot(root().id), []);
    assert_eq!(tree.root(), &branch[0], "a root moves up only");
    assert_eq!(tree.reroot(branch[2].id), [late.id]);
    assert_eq!(tree.len(), 4);
    assert!(tree.leads_through(&branch[2].id, &root().id), "what is below stays known");
}

#[test]
fn a_fork_below_the_root_is_recognised_until_the_root_moves_again() {
    let branch = line(&root(), 0, 4);
    let mut tree = tree_of(&branch);
    tree.reroot(branch[2].id);
    let deep = line(&branch[0], 1, 5);
    deep.iter().for_each(|trail| tree.insert(trail.clone()).unwrap());
    assert_eq!(tree.heaviest(|_| true), deep.last());
    assert!(!tree.leads_through(&deep[4].id, &tree.root().id));
    assert_eq!(tree.fork_point(&deep[4].id, &branch[3].id), Some(&branch[0]));
    assert_eq!(tree.reroot(branch[3].id).len(), 5);
    assert_eq!(tree.heaviest(|_| true), Some(&branch[3]));
}

#[test]
fn what_falls_off_below_takes_its_forks_along() {
    let branch = line(&root(), 0, BELOW_MAX + 10);
    let mut tree = tree_of(&branch);
    let invalid = line(&root(), 1, 2);
    invalid.iter().for_each(|trail| tree.insert(trail.clone()).unwrap());
    tree.condemn(invalid[1].id);
    assert_eq!(tree.reroot(branch[BELOW_MAX - 1].id), []);
    assert!(tree.is_condemned(&invalid[1].id));

    let dropped = tree.reroot(branch[BELOW_MAX].id);
    assert_eq!(dropped.len(), 3, "the oldest and both that fork from it");
    assert!(!tree.contains(&root().id) && !tree.contains(&invalid[1].id));
    let top = branch.last().unwrap();
    assert_eq!(tree.ancestry(top.id).last(), Some(&branch[0]));
    for trail in &branch {
        assert_eq!(tree.ancestor(&top.id, trail.height), Some(trail));
    }
}

#[test]
fn a_tree_starts_with_what_is_below_its_root() {
    let branch = line(&root(), 0, BELOW_MAX + 5);
    let (top, below) = branch.split_last().unwrap();
    let tree = Tree::with_below(top.clone(), below.to_vec());
    assert_eq!(tree.len(), BELOW_MAX + 1);
    assert_eq!(tree.ancestry(top.id).last(), Some(&branch[4]));
    assert_eq!(tree.leaves().collect::<Vec<_>>(), [top]);

    let mut gap = below.to_vec();
    gap.remove(BELOW_MAX);
    let tree = Tree::with_below(top.clone(), gap);
    assert_eq!(tree.len(), 1 + below.len() - 1 - BELOW_MAX, "nothing from beyond the gap");
    assert_eq!(Tree::with_below(top.clone(), vec![root()]).len(), 1);
}

/// Condemned blocks are remembered while the tree holds them, and it holds them as long as it knows
/// where they fork: so a heavy invalid branch is not judged anew each time it is sent.
#[test]
fn attack_50_a_condemned_block_is_remembered_when_the_root_passes_by() {
    let branch = line(&root(), 0, 6);
    let mut tree = tree_of(&branch);
    let rival = line(&branch[0], 1, 20);
    rival.iter().for_each(|trail| tree.insert(trail.clone()).unwrap());
    assert_eq!(tree.condemn(rival[2].id).len(), 18);

    assert_eq!(tree.reroot(branch[4].id), []);
    assert!(tree.is_condemned(&rival[2].id));
    assert_eq!(tree.insert(rival[3].clone()), Err(TreeError::Condemned));
    assert_eq!(tree.heaviest(|_| true), Some(&branch[5]));

    // The way to it is not condemned, and may grow another branch.
    let other = trail_on(&rival[1], 7, 1);
    assert_eq!(tree.insert(other.clone()), Ok(()));
    assert_eq!(tree.reroot(branch[5].id), [other.id]);
    assert!(tree.is_condemned(&rival[2].id));
}

fn child(parent: &Trail) -> Trail {
    let (height, weight) = (parent.height + 1, parent.weight + 1);
    Trail { parent: parent.id, height, weight, ..parent.clone() }
}

fn numbered(number: u64) -> Hash {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&number.to_le_bytes());
    Hash::from_bytes(id)
}

#[test]
fn attack_49_a_flood_of_cheap_headers_is_bounded() {
    let branch = line(&root(), 0, 3);
    let mut tree = tree_of(&branch);
    let (mut parent, mut taken) = (branch[0].clone(), 0);
    let full = TreeError::Full { got: HEADERS_MAX, limit: HEADERS_MAX };
    for salt in 1..=1_000_000 {
        let cheap = Trail { id: numbered(salt), ..child(&parent) };
        match tree.insert(cheap.clone()) {
            Ok(()) => taken += 1,
            Err(refused) => assert_eq!(refused, full),
        }
        if salt % 3 > 0 && taken < HEADERS_MAX - 4 {
            parent = cheap;
        }
    }
    assert_eq!(tree.len(), HEADERS_MAX);
    assert_eq!(taken, HEADERS_MAX - 4);
    let top = branch[2].clone();
    assert_eq!(tree.insert(trail_on(&top, 0, 1)), Err(full));

    // The root moves past the flood, and all room is free again.
    assert_eq!(tree.reroot(branch[1].id).len(), taken);
    assert_eq!(tree.len(), 4);
    assert_eq!(tree.insert(trail_on(&top, 0, 1)), Ok(()));
}

/// Takes a header in as a chain does: room is made for it if there is none.
fn take(tree: &mut Tree, trail: &Trail, executed: u64, keeps: &[Hash]) -> Result<(), TreeError> {
    let before = tree.len();
    let gone = tree.make_room(trail, executed, |id| keeps.contains(id));
    assert_eq!(tree.len(), before - usize::from(gone.is_some()), "one goes at a time");
    tree.insert(trail.clone())
}

/// A tree filled with children of `parent` of weight 1 each.
fn flooded(branch: &[Trail], parent: &Trail) -> Tree {
    let mut tree = tree_of(branch);
    for salt in 0.. {
        if tree.insert(Trail { id: numbered(salt), ..trail_on(parent, 0, 1) }).is_err() {
            break;
        }
    }
    assert_eq!(tree.len(), HEADERS_MAX);
    tree
}

#[test]
fn attack_49_a_million_cheap_headers_do_not_shut_out_the_honest_branch() {
    let branch = line(&root(), 0, 40);
    let mut tree = flooded(&branch, &branch[0]);
    let top = branch[39].clone();
    let mut honest = line(&top, 7, 500).into_iter();
    let (mut tip, mut cheap_in) = (top.clone(), 0);
    for salt in 0..1_000_000 {
        let cheap = Trail { id: numbered(1 << 40 | salt), ..trail_on(&branch[0], 0, 1) };
        cheap_in += usize::from(take(&mut tree, &cheap, top.height, &[top.id]).is_ok());
        if salt % 2_000 == 0 {
            let next = honest.next().unwrap();
            assert_eq!(
                take(&mut tree, &next, top.height, &[top.id]),
                Ok(()),
                "height {}",
                next.height
            );
            tip = next;
        }
        assert_eq!(tree.len(), HEADERS_MAX);
    }
    assert!(tree.leads_through(&tip.id, &top.id), "all of the honest branch is there");
    assert_eq!(tree.leaves().next(), Some(&tip));
    assert!(cheap_in < 1_000_000, "equals do not drive each other out without end: {cheap_in}");
}

#[test]
fn attack_49_one_long_branch_makes_room_for_those_that_are_needed_sooner() {
    let long = line(&root(), 1, HEADERS_MAX - 1);
    let mut tree = tree_of(&long);
    let honest = line(&root(), 2, HEADERS_AHEAD as usize);
    for trail in &honest {
        assert_eq!(take(&mut tree, trail, 0, &[]), Ok(()));
    }
    let left = long.iter().filter(|trail| tree.contains(&trail.id)).count();
    assert_eq!(left, HEADERS_MAX - 1 - honest.len(), "it lost its end, header by header");
    let highest = &long[left - 1];
    assert!(tree.leaves().any(|leaf| leaf == highest));
    assert!(tree.ancestry(highest.id).count() == left + 1, "and is whole otherwise");
    // What is as far ahead is not worth more than what is here.
    let again = long[left].clone();
    assert!(matches!(take(&mut tree, &again, 0, &[]), Err(TreeError::Full { .. })));
}

#[test]
fn attack_49_a_long_branch_on_an_invalid_block_does_not_keep_its_room() {
    let long = line(&root(), 1, HEADERS_MAX - 1);
    let mut tree = tree_of(&long);
    assert_eq!(tree.condemn(long[0].id).len(), HEADERS_MAX - 1);
    for trail in &line(&root(), 2, 20) {
        assert_eq!(take(&mut tree, trail, 0, &[]), Ok(()));
    }
    assert!(tree.is_condemned(&long[0].id), "and it is remembered");
}

#[test]
fn attack_49_nothing_goes_for_a_header_that_finds_no_place() {
    let branch = line(&root(), 0, 40);
    let mut tree = flooded(&branch, &branch[0]);
    let unknown = trail_on(&branch[39], 7, 9);
    assert_eq!(tree.make_room(&trail_on(&unknown, 7, 9), 40, |_| false), None, "an orphan");
    tree.condemn(branch[39].id);
    assert_eq!(tree.make_room(&unknown, 40, |_| false), None, "on a condemned block");
    assert_eq!(tree.len(), HEADERS_MAX);
}

#[test]
fn what_is_kept_the_root_and_the_parent_stay() {
    let branch = line(&root(), 0, 3);
    let mut tree = flooded(&branch, &root());
    let light = Trail { id: numbered(0), ..trail_on(&root(), 0, 1) };
    // The lightest leaves, as many as are looked at, are executed: nothing goes.
    let leaves: Vec<Hash> = tree.leaves().map(|leaf| leaf.id).collect();
    let newcomer = trail_on(&branch[2], 5, 5);
    assert_eq!(tree.make_room(&newcomer, 3, |id| leaves.contains(id)), None);
    assert!(matches!(tree.insert(newcomer.clone()), Err(TreeError::Full { .. })));
    // The parent of the newcomer is the lightest of all but itself.
    let child = Trail { weight: 9, ..trail_on(&light, 5, 1) };
    let gone = tree.make_room(&child, 3, |_| false).unwrap();
    assert!(gone.id != light.id && gone.weight <= light.weight);
    assert_eq!(tree.insert(child), Ok(()));
    // What went is as if it had never been there, and may come back.
    assert!(!tree.contains(&gone.id));
    tree.reroot(branch[0].id);
    assert_eq!(tree.insert(gone), Ok(()));
}

#[test]
fn only_the_end_of_a_branch_is_forgotten() {
    let branch = line(&root(), 0, 3);
    let mut tree = tree_of(&branch);
    for id in [root().id, branch[0].id, branch[1].id, Hash::ZERO] {
        assert!(!tree.forget(&id));
    }
    tree.condemn(branch[2].id);
    assert!(!tree.forget(&branch[2].id), "what is condemned is remembered");
    let other = trail_on(&branch[1], 9, 1);
    tree.insert(other.clone()).unwrap();
    assert!(tree.forget(&other.id));
    let leaves: Vec<_> = tree.leaves().map(|leaf| leaf.id).collect();
    assert_eq!(leaves, [branch[1].id], "its parent is an end again");
    assert_eq!(tree.len(), 4);
}

#[test]
fn growth_keeps_every_ancestor_in_reach() {
    let trails = grow(root(), &[(1, 1); 200]);
    let tree = tree_of(&trails[1..]);
    for trail in &trails {
        for ancestor in tree.ancestry(trail.id) {
            assert_eq!(tree.ancestor(&trail.id, ancestor.height), Some(ancestor));
        }
    }
}
