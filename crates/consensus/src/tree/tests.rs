use super::*;
use isonomy_types::{Blob, Wall};

fn trail(number: u64, height: u64, parent: Hash) -> Trail {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&number.to_be_bytes());
    Trail {
        id: Hash::from_bytes(id),
        parent,
        height,
        time: Wall(0),
        weight: height.into(),
        next_authority: Hash::ZERO,
        memory: Blob::default(),
    }
}

fn line(length: u64) -> (Tree, Vec<Hash>) {
    let first = trail(1, 0, Hash::ZERO);
    let (mut tree, mut ids) = (Tree::new(first.clone()), Vec::from([first.id]));
    for height in 1..length {
        let next = trail(height.wrapping_add(1), height, *ids.last().unwrap());
        ids.push(next.id);
        tree.insert(next).unwrap();
    }
    (tree, ids)
}

/// Jumps and steps from `id` down to `height`.
fn hops(tree: &Tree, id: &Hash, height: u64) -> u32 {
    let (mut node, mut hops) = (&tree.nodes[id], 0_u32);
    while node.trail.height > height {
        let jump = tree.nodes.get(&node.jump).filter(|jump| jump.trail.height >= height);
        node = jump.unwrap_or(&tree.nodes[&node.trail.parent]);
        hops = hops.saturating_add(1);
    }
    hops
}

/// Work done for one header must not grow with the branch that it extends.
#[test]
fn attack_62_a_long_branch_is_climbed_in_few_hops() {
    let (mut tree, ids) = line(20_000);
    let top = ids.last().unwrap();
    let most = |tree: &Tree, from: u64| {
        (from..20_000).step_by(7).map(|height| hops(tree, top, height)).max().unwrap()
    };
    assert!(most(&tree, 0) <= 40, "{} hops", most(&tree, 0));
    // Also when most jumps end below what is still held.
    tree.reroot(ids[15_000]);
    let oldest = 15_000 - BELOW_MAX as u64;
    assert!(most(&tree, oldest) <= 40, "{} hops", most(&tree, oldest));
}

#[test]
fn what_is_dropped_leaves_no_trace() {
    let (mut tree, ids) = line(3_000);
    for (height, parent) in (1_u64..500).zip(&ids) {
        tree.insert(trail(height.saturating_add(10_000), height, *parent)).unwrap();
    }
    tree.reroot(ids[2_999]);
    assert_eq!(tree.nodes.len(), BELOW_MAX.saturating_add(1));
    assert_eq!(tree.below.len(), BELOW_MAX);
    assert_eq!(tree.children.len(), BELOW_MAX);
    assert_eq!(tree.leaves.len(), 1);
    assert!(tree.strays.is_empty());
}
