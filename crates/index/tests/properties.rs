//! Against a search of the whole branch, over random chains.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod common;

use common::draw::Draw;
use common::{World, catch_up, oracle};
use isonomy_index::Index;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    /// Followed through every fork, now and then reopened, and read at random moments.
    #[test]
    fn an_index_says_what_a_search_of_the_branch_finds(seed: u64) {
        let (mut world, mut draw) = (World::new(), Draw(seed));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index.redb");
        let mut index = Index::open(&path, &world.genesis).unwrap();
        let source = world.source();
        for _ in 0..120 {
            world.step(&mut draw);
            if draw.once_in(3) {
                catch_up(&index, &source);
            }
            if draw.once_in(30) {
                drop(index);
                index = Index::open(&path, &world.genesis).unwrap();
            }
            if draw.once_in(40) {
                catch_up(&index, &source);
                oracle::compare(&world, &index, &mut draw);
            }
        }
        catch_up(&index, &source);
        oracle::compare(&world, &index, &mut draw);
        prop_assert!(world.transactions > 150, "{} transactions", world.transactions);
    }
}
