//! Against a search of the whole branch, over random chains.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod common;

use common::draw::Draw;
use common::{World, catch_up, dump, oracle};
use isonomy_index::Index;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, ..ProptestConfig::default() })]

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
        }
        catch_up(&index, &source);
        oracle::compare(&world, &index, &mut draw);
        if std::env::var_os("SHOW").is_some() {
            eprintln!("{} blocks, {} transactions, height {}", world.known.len(),
                world.transactions, world.height());
        }
    }

    /// Undo restores identical rows, whichever way led there.
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
            assert_eq!(dump(&across), dump(&direct));
        }
    }
}
