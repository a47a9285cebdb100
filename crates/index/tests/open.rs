//! Files that are not this chain's, or not what was written: named, with what to do.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::panic)]
mod common;

use common::draw::Draw;
use common::{World, catch_up, dump, genesis};
use isonomy_index::{INDEX_VERSION, Index, OpenError};
use redb::{Database, TableDefinition};
use std::fs;
use std::path::Path;

const HEAD: TableDefinition<'static, (), &[u8]> = TableDefinition::new("head");

fn refused(path: &Path, world: &World) -> OpenError {
    Index::open(path, &world.genesis).err().unwrap()
}

#[test]
fn another_chains_file_is_refused_and_stays_as_it_is() {
    let (world, dir) = (World::new(), tempfile::tempdir().unwrap());
    let path = dir.path().join("index.redb");
    drop(Index::open(&path, &genesis("another")).unwrap());
    let before = fs::read(&path).unwrap();
    let error = refused(&path, &world);
    assert!(matches!(error, OpenError::OtherChain { .. }), "{error}");
    let (got, wanted) = (genesis("another").tip.trail.id, world.genesis.tip.trail.id);
    let want = format!(
        "the index {} is of the chain {got}, not {wanted}: choose the directory of that chain, or \
         delete the file, and a new index is built",
        path.display()
    );
    assert_eq!(error.to_string(), want);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn another_format_is_refused_whatever_stands_behind_its_number() {
    let (world, dir) = (World::new(), tempfile::tempdir().unwrap());
    let path = dir.path().join("index.redb");
    for (version, rest) in [(INDEX_VERSION + 1, &[][..]), (0, &[1, 2, 3]), (u32::MAX, &[0; 44])] {
        drop(Index::open(&path, &world.genesis).unwrap());
        let database = Database::open(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        let head = [&version.to_le_bytes()[..], rest].concat();
        transaction.open_table(HEAD).unwrap().insert((), &*head).unwrap();
        transaction.commit().unwrap();
        drop(database);
        let before = fs::read(&path).unwrap();
        let error = refused(&path, &world);
        assert!(
            matches!(error, OpenError::Format { got, limit: INDEX_VERSION, .. } if got == version)
        );
        assert!(error.to_string().ends_with(
            "this software reads 1: run the version that made it, or delete the file, and a new \
             index is built"
        ));
        assert_eq!(fs::read(&path).unwrap(), before);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_file_in_use_is_refused() {
    let (world, dir) = (World::new(), tempfile::tempdir().unwrap());
    let path = dir.path().join("index.redb");
    let held = Index::open(&path, &world.genesis).unwrap();
    let error = refused(&path, &world);
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    drop(held);
    Index::open(&path, &world.genesis).unwrap();
}

#[test]
fn what_the_system_refuses_is_told() {
    let (world, dir) = (World::new(), tempfile::tempdir().unwrap());
    let path = dir.path().join("no such directory").join("index.redb");
    let error = refused(&path, &world);
    assert!(matches!(error, OpenError::Io { .. }), "{error}");
    let error = refused(dir.path(), &world);
    assert!(matches!(error, OpenError::Io { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (world, dir) = (World::new(), tempfile::tempdir().unwrap());
    let path = dir.path().join("index.redb");
    drop(Index::open(&path, &world.genesis).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Bytes changed, cut off or of something else: refused, or told by what is asked, or not where
/// anything is read. Never a panic, and never another answer without an error.
#[test]
fn damage_is_told_and_never_a_panic() {
    let (mut world, mut draw) = (World::new(), Draw(3));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.redb");
    let index = Index::open(&path, &world.genesis).unwrap();
    let source = world.source();
    for _ in 0..12 {
        world.step(&mut draw);
    }
    catch_up(&index, &source);
    drop(index);
    let sound = fs::read(&path).unwrap();
    let mut counts = [0; 3];
    for _ in 0..80 {
        let mut bytes = sound.clone();
        match draw.below(4) {
            0 => bytes.truncate(draw.below(bytes.len() as u64) as usize),
            1 => bytes[draw.below(600) as usize] ^= 1 << draw.below(8),
            _ => {
                for _ in 0..1 + draw.below(20) {
                    let at = draw.below(bytes.len() as u64) as usize;
                    bytes[at] ^= 1 << draw.below(8);
                }
            }
        }
        fs::write(&path, &bytes).unwrap();
        match Index::open(&path, &world.genesis) {
            Err(error) => {
                counts[0] += 1;
                let told = error.to_string();
                assert!(told.contains("delete") || told.contains("Delete"), "{told}");
            }
            Ok(index) => match index.rows(&mut |_, _, _| ()) {
                Err(error) => {
                    counts[1] += 1;
                    assert!(error.to_string().contains("delete index.redb"), "{error}");
                }
                Ok(()) => counts[2] += 1,
            },
        }
    }
    assert!(counts[0] > 10 && counts[2] > 0, "{counts:?}");
    // Whatever it was, deleting it mends it.
    fs::remove_file(&path).unwrap();
    let index = Index::open(&path, &world.genesis).unwrap();
    catch_up(&index, &source);
    let direct = Index::open(&dir.path().join("direct"), &world.genesis).unwrap();
    catch_up(&direct, &source);
    assert_eq!(dump(&index), dump(&direct));
}
