//! Savepoints inside savepoints and calls inside calls, against a model that copies everything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use borsh::{BorshDeserialize, BorshSerialize};
use common::{Tx, World};
use isonomy_ledger::*;
use isonomy_types::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One step of a module that does as it is told.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
enum Step {
    Set(u8, u8),
    Remove(u8),
    Get(u8),
    Scan(u8, bool),
    Emit(u8),
    Authority(u32),
    Params(u32),
    /// A savepoint whose failure is swallowed.
    Savepoint(Vec<Step>, bool),
    /// A call to a module, 1 or 2, whose failure is swallowed.
    Call(u8, Vec<Step>, bool),
}
use Step::*;

#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
struct Script {
    steps: Vec<Step>,
    fail: bool,
}

struct Obedient;

impl Module for Obedient {
    fn calls(&self) -> &[ModuleId] {
        &[1, 2]
    }

    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let Script { steps, fail } = Script::decode_exact(payload).map_err(Fault::Payload)?;
        obey(ctx, &steps, fail)?;
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "obey".into()
    }
}

fn obey(ctx: &mut Context<'_>, steps: &[Step], fail: bool) -> Result<(), Fault> {
    for step in steps {
        match step {
            Set(key, value) => ctx.set(&[*key], &[*value])?,
            Remove(key) => ctx.remove(&[*key])?,
            Get(key) => {
                let found = ctx.get(&[*key])?;
                ctx.emit(&found.map_or(vec![0], |value| [&[1], &*value].concat()))?;
            }
            Scan(from, up) => {
                let order = if *up { Order::Up } else { Order::Down };
                let span = Span { from: vec![*from], to: None };
                let found = ctx.scan(&span, order, 3)?;
                let flat: Vec<_> =
                    found.iter().flat_map(|(key, value)| [&**key, value].concat()).collect();
                ctx.emit(&flat)?;
            }
            Emit(byte) => ctx.emit(&[*byte])?,
            Authority(version) => ctx.set_next_authority(Arc::new(isonomy_types::Authority {
                rules_version: *version,
                ..Default::default()
            }))?,
            Params(share) => {
                let next =
                    isonomy_types::Params { burned_per_mille: *share, ..ctx.next_params().clone() };
                ctx.set_next_params(next)?;
            }
            Savepoint(steps, fail) => {
                let done = ctx.savepoint(|ctx| obey(ctx, steps, *fail));
                assert_eq!(done.is_err(), *fail);
            }
            Call(module, steps, fail) => {
                let script = Script { steps: steps.clone(), fail: *fail };
                let done = ctx.call((*module).into(), &script.encode());
                assert_eq!(done.is_err(), *fail);
            }
        }
    }
    if fail { Err(Fault::refused(7, "told so")) } else { Ok(()) }
}

/// What the same steps do where taking back is putting the copy back.
#[derive(Clone, Debug, PartialEq)]
struct Model {
    state: BTreeMap<(u8, u8), u8>,
    events: Vec<(u8, Vec<u8>)>,
    rules_version: u32,
    burned_per_mille: u32,
}

impl Model {
    fn obey(&mut self, module: u8, steps: &[Step], fail: bool) {
        let before = self.clone();
        for step in steps {
            self.step(module, step);
        }
        if fail {
            *self = before;
        }
    }

    fn step(&mut self, module: u8, step: &Step) {
        match step {
            Set(key, value) => drop(self.state.insert((module, *key), *value)),
            Remove(key) => drop(self.state.remove(&(module, *key))),
            Get(key) => {
                let found = self.state.get(&(module, *key));
                self.events.push((module, found.map_or(vec![0], |value| vec![1, *value])));
            }
            Scan(from, up) => {
                let mut own: Vec<_> = self
                    .state
                    .range((module, *from)..=(module, u8::MAX))
                    .map(|((_, key), value)| [*key, *value])
                    .collect();
                if !up {
                    own.reverse();
                }
                own.truncate(3);
                self.events.push((module, own.concat()));
            }
            Emit(byte) => self.events.push((module, vec![*byte])),
            Authority(version) => self.rules_version = *version,
            Params(share) => self.burned_per_mille = *share,
            Savepoint(steps, fail) => self.obey(module, steps, *fail),
            Call(other, steps, fail) => self.obey(*other, steps, *fail),
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || 0u8..6;
    let leaf = prop_oneof![
        4 => (key(), 1u8..9).prop_map(|(key, value)| Set(key, value)),
        2 => key().prop_map(Remove),
        2 => key().prop_map(Get),
        2 => (key(), any::<bool>()).prop_map(|(from, up)| Scan(from, up)),
        1 => any::<u8>().prop_map(Emit),
        1 => (1u32..9).prop_map(Authority),
        1 => (1u32..9).prop_map(Params),
    ];
    let step = leaf.prop_recursive(5, 60, 6, |inner| {
        let steps = || proptest::collection::vec(inner.clone(), 0..6);
        prop_oneof![
            (steps(), any::<bool>()).prop_map(|(steps, fail)| Savepoint(steps, fail)),
            (1u8..3, steps(), any::<bool>()).prop_map(|(to, steps, fail)| Call(to, steps, fail)),
        ]
    });
    proptest::collection::vec(step, 0..10)
}

fn world() -> World {
    let modules = Modules::default().with(1, Obedient).unwrap().with(2, Obedient).unwrap();
    let mut world = World::bare(modules);
    world.env.params = isonomy_types::Params { base_fee: 0, ..Default::default() };
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_fails_leaves_no_trace(
        scripts in proptest::collection::vec((1u8..3, steps(), prop::bool::weighted(0.2)), 1..5),
    ) {
        let mut world = world();
        let mut model =
            Model { state: BTreeMap::new(), events: Vec::new(), rules_version: 0, burned_per_mille: 0 };
        // Two transactions a block, so that scans see base, layer and open savepoints.
        for (block, scripts) in scripts.chunks(2).enumerate() {
            let transaction = |(place, (module, steps, fail)): (usize, &(u8, Vec<Step>, bool))| {
                let script = Script { steps: steps.clone(), fail: *fail };
                let seq = (block * 2 + place) as u64;
                Tx::by(1, seq).limit(2_000_000).price(9).act(0, (*module).into(), script.encode()).forge()
            };
            let transactions: Vec<_> = scripts.iter().enumerate().map(transaction).collect();
            let done = world.block(&transactions).unwrap();
            for ((module, steps, fail), receipt) in scripts.iter().zip(&done.receipts) {
                model.events.clear();
                model.obey(*module, steps, *fail);
                prop_assert_eq!(receipt.code, if *fail { 256 + 7 } else { 0 });
                let events: Vec<_> = receipt
                    .events
                    .iter()
                    .map(|event| (event.module as u8, event.payload.to_vec()))
                    .collect();
                prop_assert_eq!(&events, &model.events);
            }
            prop_assert_eq!(done.next_authority.rules_version, model.rules_version);
            prop_assert_eq!(done.next_params.burned_per_mille, model.burned_per_mille);
        }
        let state: BTreeMap<_, _> = world
            .pairs()
            .into_iter()
            .filter(|(key, _)| key[..2] != [0, 0])
            .map(|(key, value)| ((key[1], key[2]), value[0]))
            .collect();
        prop_assert_eq!(state, model.state);
    }
}

#[test]
fn what_was_metered_stays_spent() {
    let mut world = world();
    let used = |world: &mut World, seq, steps| {
        let script = Script { steps, fail: false };
        let tx = Tx::by(1, seq).limit(100_000).act(0, 1, script.encode()).forge();
        (world.block(&[tx]).unwrap().receipts[0].meter, script.encode().len() as u64)
    };
    // One lane is new with the first transaction.
    used(&mut world, 0, vec![]);
    let (kept, bytes) = used(&mut world, 1, vec![Savepoint(vec![Set(1, 1)], false)]);
    let (lost, same) = used(&mut world, 2, vec![Savepoint(vec![Set(1, 1)], true)]);
    assert_eq!((kept, bytes), (lost, same));
    let (nothing, fewer) = used(&mut world, 3, vec![]);
    let step = cost::SAVEPOINT + cost::WRITE + cost::WRITE_BYTE * 4;
    assert_eq!(kept - nothing, step + cost::TRANSACTION_BYTE * (bytes - fewer));
}

#[test]
fn a_block_that_fails_in_a_transaction_goes_on_from_where_it_was() {
    let mut world = world();
    let all = vec![Set(1, 1), Emit(1), Authority(5), Params(5)];
    let script = |steps: &[Step], fail| Script { steps: steps.to_vec(), fail }.encode();
    // The second action of one transaction takes the first back.
    let tx =
        Tx::by(1, 0).limit(100_000).act(0, 1, script(&all, false)).act(0, 2, script(&[], true));
    let done = world.block(&[tx.forge()]).unwrap();
    assert_eq!(done.receipts[0].code, 263);
    assert_eq!(done.receipts[0].events.len(), 0);
    assert_eq!(done.next_authority.rules_version, 0);
    assert_eq!(done.next_params.burned_per_mille, 0);
    assert!(done.layer.writes.keys().all(|key| key[..2] == [0, 0]), "{:?}", done.layer);
}
