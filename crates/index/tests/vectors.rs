//! The rows of a fixed chain: a change of the format shows here, and needs another
//! [`INDEX_VERSION`](isonomy_index::INDEX_VERSION).
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod common;

use common::draw::Draw;
use common::{World, catch_up, deeds, dump};
use isonomy_crypto::{Domain, Hash};
use isonomy_index::{INDEX_VERSION, Index};
use isonomy_types::Encode;
use std::collections::BTreeMap;

#[test]
fn rows_are_written_as_they_always_were() {
    let (mut world, mut draw) = (World::new(), Draw(1));
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("index.redb"), &world.genesis).unwrap();
    for _ in 0..20 {
        let candidates = deeds::some(&world, &mut draw, world.best());
        world.extend(&candidates);
    }
    catch_up(&index, &world.source());
    let rows = dump(&index);
    let mut counts = BTreeMap::<String, usize>::new();
    for (table, ..) in &rows {
        *counts.entry(table.clone()).or_default() += 1;
    }
    // Every table is there, with more than a row or two.
    assert!(counts.len() == 8 && counts.values().all(|count| *count > 0), "{counts:?}");
    let hash: Hash = rows.digest(&Domain::new("isonomy index rows 1"));
    let want = "6427ff1506ba34de09348a17816d9403ce6d3fd48182abcb67a335565602d014";
    assert_eq!((INDEX_VERSION, hash.to_string()), (1, want.into()), "{counts:?}");
}
