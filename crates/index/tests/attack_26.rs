//! Attack 26, a reorganisation leaves something behind: undo restores identical rows, indexes
//! included.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod common;

use common::draw::Draw;
use common::{World, catch_up, deeds, dump, oracle, pay};
use isonomy_index::{Change, Index, changes};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn attack_26_rows_are_the_same_whichever_way_led_there(seed: u64) {
        let (mut world, mut draw) = (World::new(), Draw(seed));
        let dir = tempfile::tempdir().unwrap();
        let across = Index::open(&dir.path().join("across"), &world.genesis).unwrap();
        let source = world.source();
        for step in 0..4 {
            for _ in 0..25 {
                world.step(&mut draw);
                catch_up(&across, &source);
            }
            let direct = dir.path().join(format!("direct {step}"));
            let direct = Index::open(&direct, &world.genesis).unwrap();
            catch_up(&direct, &source);
            prop_assert_eq!(dump(&across), dump(&direct));
        }
    }
}

/// Every block of a branch taken back leaves what was there before it, down to genesis.
#[test]
fn attack_26_each_block_takes_back_what_it_brought() {
    let (mut world, mut draw) = (World::new(), Draw(7));
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("index.redb"), &world.genesis).unwrap();
    let source = world.source();
    let mut before = vec![(index.tip().unwrap(), dump(&index))];
    let mut rows = 0;
    for _ in 0..30 {
        let candidates = deeds::some(&world, &mut draw, world.best());
        world.extend(&candidates);
        assert!(index.step(&source).unwrap());
        rows = rows.max(dump(&index).len());
        before.push((index.tip().unwrap(), dump(&index)));
    }
    assert!(rows > 500, "{rows} rows: not much was tried");
    while let Some((tip, rows)) = before.pop() {
        assert_eq!((index.tip().unwrap(), dump(&index)), (tip.clone(), rows));
        if tip.height > 0 {
            index.apply(&[Change::Left { id: tip.id, height: tip.height }]).unwrap();
        }
    }
}

/// Coins that were spent on one branch are held on the other, though both spent them in one block of
/// the same height.
#[test]
fn attack_26_a_branch_leaves_no_transaction_behind() {
    let mut world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("index.redb"), &world.genesis).unwrap();
    let (source, root) = (world.source(), world.best());
    let one = world.grow(root, &[pay(1, 0, 2, 500)]);
    let other = world.grow(root, &[pay(1, 0, 3, 500), pay(4, 0, 5, 1)]);
    for (id, seed) in [(one, 1), (other, 2), (one, 3), (root, 4), (other, 5)] {
        assert!(world.adopt(id));
        catch_up(&index, &source);
        oracle::compare(&world, &index, &mut Draw(seed));
    }
    let id_at = &mut |height| index.tip_at(height).map(Option::unwrap);
    world.adopt(one);
    let tip = index.tip().unwrap();
    let steps = changes(&source, &tip, id_at).unwrap();
    let [Change::Left { id, height: 1 }, Change::Joined(block)] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!((*id, block.id), (other, one));
}
