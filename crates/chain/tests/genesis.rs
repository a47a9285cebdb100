//! What makes a chain that chain and no other.
#![allow(clippy::unwrap_used)]
mod common;

use common::*;
use isonomy_chain::{Genesis, GenesisError};
use isonomy_crypto::Hash;
use isonomy_ledger::{ExecuteError, Modules, Order, Span, Stack, View, assets, state_root};
use isonomy_types::*;
use std::sync::Arc;

fn id(genesis: &Genesis) -> Hash {
    genesis.build(&Free, modules()).unwrap().tip.trail.id
}

fn coins(allocations: &[(u8, u128)], reward: u128) -> (ModuleId, Vec<u8>) {
    let allocations: Vec<_> = allocations.iter().map(|(n, a)| (address(*n), Amount(*a))).collect();
    let allocations = allocations.try_into().unwrap();
    (assets::ID, assets::Config { allocations, reward: Amount(reward) }.encode())
}

#[test]
fn equal_inputs_make_the_same_first_block() {
    let (one, two) =
        (genesis().build(&Free, modules()).unwrap(), genesis().build(&Free, modules()).unwrap());
    assert_eq!(one, two);
    let mut turned = genesis();
    turned.modules.reverse();
    assert_eq!(id(&turned), one.tip.trail.id, "the order of the list has no meaning");
}

#[test]
fn any_change_makes_another_chain() {
    type Change = (&'static str, fn(&mut Genesis));
    let changes: [Change; 11] = [
        ("name", |g| g.name = Text::try_from(String::from("tess")).unwrap()),
        ("no name", |g| g.name = Text::default()),
        ("time", |g| g.time = Wall(1_001)),
        ("body bytes", |g| g.params.body_bytes += 1),
        ("body meter", |g| g.params.body_meter += 1),
        ("base fee", |g| g.params.base_fee += 1),
        ("authority", |g| g.authority = authority(1)),
        ("settings", |g| g.settings = Blob::truncated(vec![0])),
        ("longer settings", |g| g.settings = Blob::truncated(vec![0, 0])),
        ("allocation", |g| g.modules[0] = coins(&[(0, 1)], REWARD)),
        ("reward", |g| g.modules[0] = coins(&[(0, 1)], REWARD + 1)),
    ];
    let mut ids = vec![id(&genesis())];
    for (name, change) in changes {
        let mut changed = genesis();
        change(&mut changed);
        let id = id(&changed);
        assert!(!ids.contains(&id), "{name}");
        ids.push(id);
    }
}

#[test]
fn a_module_that_leaves_no_trace_in_the_state_is_bound_too() {
    let of = |extra: &[ModuleId]| {
        let mut modules = Modules::default().with(assets::ID, assets::Assets).unwrap();
        let mut genesis = genesis();
        genesis.modules.truncate(1);
        for id in extra {
            modules = modules.with(*id, Council).unwrap();
            genesis.modules.push((*id, Vec::new()));
        }
        genesis.build(&Free, Arc::new(modules)).unwrap().tip
    };
    let tips = [of(&[]), of(&[5]), of(&[6]), of(&[5, 6])];
    for (index, tip) in tips.iter().enumerate() {
        assert_eq!(tip.header.state_root, tips[0].header.state_root);
        assert!(tips[..index].iter().all(|other| other.trail.id != tip.trail.id));
    }
}

#[test]
fn what_no_chain_may_start_with_is_refused() {
    type Case = (&'static str, fn(&mut Genesis), fn(&GenesisError) -> bool);
    let refused: [Case; 7] = [
        ("no room", |g| g.params.body_bytes = 0, |why| matches!(why, GenesisError::Params(_))),
        (
            "too much work",
            |g| g.params.body_meter = u64::MAX,
            |why| matches!(why, GenesisError::Params(_)),
        ),
        (
            "missing module",
            |g| g.modules.truncate(1),
            |why| *why == GenesisError::Birth(ExecuteError::Named(COUNCIL)),
        ),
        (
            "unknown module",
            |g| g.modules.push((9, Vec::new())),
            |why| *why == GenesisError::Birth(ExecuteError::Named(9)),
        ),
        (
            "module twice",
            |g| g.modules.push((COUNCIL, Vec::new())),
            |why| *why == GenesisError::Birth(ExecuteError::Named(COUNCIL)),
        ),
        (
            "unreadable",
            |g| g.modules[0].1 = vec![1],
            |why| matches!(why, GenesisError::Birth(ExecuteError::Module(_))),
        ),
        (
            "endowed twice",
            |g| g.modules[0] = coins(&[(1, 1), (1, 1)], 0),
            |why| matches!(why, GenesisError::Birth(ExecuteError::Module(_))),
        ),
    ];
    for (name, change, expected) in refused {
        let mut genesis = genesis();
        change(&mut genesis);
        let why = genesis.build(&Free, modules()).unwrap_err();
        assert!(expected(&why), "{name}: {why}");
    }
}

#[test]
fn the_first_flush_is_consistent() {
    let flush = genesis().build(&Free, modules()).unwrap();
    let (header, trail) = (&flush.tip.header, &flush.tip.trail);
    assert_eq!((header.height, header.parent, header.time), (0, Hash::ZERO, Wall(1_000)));
    assert_eq!((header.seal.len(), header.body_root), (32, Body::default().root()));
    assert_eq!((trail.id, trail.weight), (header.id(), 0));
    assert_eq!(&trail.memory[..], b"begun", "the rules begin the memory");
    assert_eq!(header.next_authority, flush.tip.authority.hash());
    assert_eq!(header.next_params, flush.tip.params.hash());
    assert_eq!(flush.blocks.len(), 1);
    assert_eq!((&flush.blocks[0].entry.header, &flush.blocks[0].trail), (header, trail));
    assert_eq!(flush.blocks[0].entry.authority.as_ref(), Some(&*flush.tip.authority));

    let mut plain = Plain::default();
    plain.apply(&flush.layer);
    assert_eq!(state_root(&plain).unwrap(), header.state_root);
    assert_eq!(counted(&plain), u128::from(PEOPLE) * RICHES);
    let layers = vec![Arc::new(flush.layer)];
    let stack = Stack { layers, base: Arc::new(isonomy_ledger::Empty) };
    assert_eq!(stack.scan(&Span::all(), Order::Up).count(), plain.0.len());
}
