//! An end at any moment: what opens again goes on from there to the same rows.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod common;

use common::draw::Draw;
use common::{World, catch_up, dump};
use isonomy_crypto::Hash;
use isonomy_index::{Change, Index, IndexError};
use std::fs;

/// The bytes that a killed process leaves, after every step.
#[test]
fn what_a_kill_leaves_goes_on_to_the_same_rows() {
    let (mut world, mut draw) = (World::new(), Draw(11));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.redb");
    let index = Index::open(&path, &world.genesis).unwrap();
    let source = world.source();
    for step in 0..40 {
        world.step(&mut draw);
        let before = dump(&index);
        let moved = index.step(&source).unwrap();
        if step % 4 == 0 {
            let image = dir.path().join(format!("image {step}"));
            fs::copy(&path, &image).unwrap();
            let left = Index::open(&image, &world.genesis).unwrap();
            assert_eq!(dump(&left), dump(&index));
            assert_eq!(moved, before != dump(&index));
            world.step(&mut draw);
            catch_up(&left, &source);
            catch_up(&index, &source);
            assert_eq!(dump(&left), dump(&index));
        }
    }
}

/// A step that does not come to its end leaves nothing: not even what stood at its begin.
#[test]
fn half_a_batch_is_none() {
    let (mut world, mut draw) = (World::new(), Draw(5));
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("index.redb"), &world.genesis).unwrap();
    let source = world.source();
    for _ in 0..10 {
        world.step(&mut draw);
    }
    world.extend(&[]);
    catch_up(&index, &source);
    let (tip, rows) = (index.tip().unwrap(), dump(&index));
    let left = Change::Left { id: tip.id, height: tip.height };
    let below = index.tip_at(tip.height - 1).unwrap().unwrap();
    let (unknown, skipped) = (Hash::from_bytes([1; 32]), below.height + 2);
    let ends = [
        Change::Left { id: unknown, height: below.height },
        Change::Left { id: below.id, height: skipped },
        left.clone(),
    ];
    for end in ends {
        let refused = index.apply(&[left.clone(), end]).unwrap_err();
        assert!(matches!(refused, IndexError::Order { .. }), "{refused}");
        assert_eq!((index.tip().unwrap(), dump(&index)), (tip.clone(), rows.clone()));
    }
    // Genesis never leaves.
    let fresh = Index::open(&dir.path().join("fresh"), &world.genesis).unwrap();
    let (first, rows) = (fresh.tip().unwrap(), dump(&fresh));
    let refused = fresh.apply(&[Change::Left { id: first.id, height: 0 }]).unwrap_err();
    assert!(matches!(refused, IndexError::Order { got: 0, tip: 0 }), "{refused}");
    assert_eq!(dump(&fresh), rows);
}

/// A crash while the file was made leaves another name, which is nobody's.
#[test]
fn a_file_half_made_is_made_again() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.redb");
    fs::write(dir.path().join("index.redb.new"), b"half").unwrap();
    let index = Index::open(&path, &world.genesis).unwrap();
    assert_eq!(index.tip().unwrap().height, 0);
    assert!(!dir.path().join("index.redb.new").exists());
}
