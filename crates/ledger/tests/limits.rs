//! What a module cannot do: too large, too deep, too much, elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Tx, World, env};
use isonomy_ledger::*;
use isonomy_types::*;
use std::sync::Arc;

const HERE: ModuleId = 0x0102;

/// A module made of one function.
struct Does(fn(&mut Context<'_>) -> Result<(), Fault>);

impl Module for Does {
    fn calls(&self) -> &[ModuleId] {
        &[0x0101, 0x0103, 0x0002, 0xffff]
    }

    fn call(&self, ctx: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        (self.0)(ctx).map(|()| Vec::new())
    }

    fn query(&self, ctx: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        (self.0)(ctx).map(|()| Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "do".into()
    }
}

fn world(does: fn(&mut Context<'_>) -> Result<(), Fault>) -> World {
    let mut world = World::bare(Modules::default().with(HERE, Does(does)).unwrap());
    world.env.params.body_meter = BODY_METER_MAX;
    world
}

/// Runs it as an action with plenty of meter.
fn run(does: fn(&mut Context<'_>) -> Result<(), Fault>) -> Receipt {
    let tx = Tx::by(1, 0).limit(1_000_000_000).act(0, HERE, Vec::new()).forge();
    world(does).block(&[tx]).unwrap().receipts[0].clone()
}

fn code(does: fn(&mut Context<'_>) -> Result<(), Fault>) -> u16 {
    run(does).code
}

#[test]
fn keys_and_values_are_bounded() {
    let long = Fault::Key { got: KEY_BYTES_MAX + 1, limit: KEY_BYTES_MAX };
    assert_eq!(code(|ctx| ctx.set(&[1; KEY_BYTES_MAX], &[1])), 0);
    assert_eq!(code(|ctx| ctx.set(&[1; KEY_BYTES_MAX + 1], &[1])), long.code());
    assert_eq!(code(|ctx| ctx.get(&[1; KEY_BYTES_MAX + 1]).map(drop)), long.code());
    assert_eq!(code(|ctx| ctx.remove(&[1; KEY_BYTES_MAX + 1])), long.code());
    let scan = |ctx: &mut Context<'_>| {
        let span = Span { from: Vec::new(), to: Some(vec![1; KEY_BYTES_MAX + 1]) };
        ctx.scan(&span, Order::Up, 1).map(drop)
    };
    assert_eq!(code(scan), long.code());

    let large = Fault::Value { got: VALUE_BYTES_MAX + 1, limit: VALUE_BYTES_MAX };
    assert_eq!(code(|ctx| ctx.set(&[1], &vec![1; VALUE_BYTES_MAX])), 0);
    assert_eq!(code(|ctx| ctx.set(&[1], &vec![1; VALUE_BYTES_MAX + 1])), large.code());
}

#[test]
fn events_are_bounded() {
    let full = run(|ctx| (0..EVENTS_MAX).try_for_each(|_| ctx.emit(b"e")));
    assert_eq!((full.code, full.events.len()), (0, EVENTS_MAX));
    let many = run(|ctx| (0..=EVENTS_MAX).try_for_each(|_| ctx.emit(b"e")));
    let fault = Fault::Events { got: EVENTS_MAX + 1, limit: EVENTS_MAX };
    assert_eq!((many.code, many.events.len()), (fault.code(), 0));
    let large = Fault::Event { got: EVENT_BYTES_MAX + 1, limit: EVENT_BYTES_MAX };
    assert_eq!(code(|ctx| ctx.emit(&[1; EVENT_BYTES_MAX])), 0);
    assert_eq!(code(|ctx| ctx.emit(&[1; EVENT_BYTES_MAX + 1])), large.code());
    // A savepoint taken back makes room again.
    let again = run(|ctx| {
        let _ = ctx.savepoint(|ctx| {
            (0..EVENTS_MAX).try_for_each(|_| ctx.emit(b"lost"))?;
            Err::<(), _>(Fault::Unsupported)
        });
        (0..EVENTS_MAX).try_for_each(|_| ctx.emit(b"kept"))
    });
    assert_eq!((again.code, again.events.len()), (0, EVENTS_MAX));
}

#[test]
fn an_events_keys_are_bounded() {
    const LONG: [u8; EVENT_KEY_BYTES_MAX] = [1; EVENT_KEY_BYTES_MAX];
    let full = run(|ctx| ctx.emit_keyed(&[&LONG[..]; EVENT_KEYS_MAX], b"payload"));
    assert_eq!((full.code, full.events.len()), (0, 1));
    let event = full.events.get(0).unwrap();
    assert_eq!((event.keys.len(), &**event.keys.last().unwrap()), (EVENT_KEYS_MAX, &LONG[..]));
    assert_eq!((&*event.payload, event.module), (&b"payload"[..], HERE));
    let many = Fault::EventKeys { got: EVENT_KEYS_MAX + 1, limit: EVENT_KEYS_MAX };
    fn too_many(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.emit_keyed(&[&b"k"[..]; EVENT_KEYS_MAX + 1], b"")
    }
    assert_eq!(code(too_many), many.code());
    let long = Fault::EventKey { got: EVENT_KEY_BYTES_MAX + 1, limit: EVENT_KEY_BYTES_MAX };
    fn too_long(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.emit_keyed(&[&[1; EVENT_KEY_BYTES_MAX + 1]], b"")
    }
    assert_eq!(code(too_long), long.code());
    assert_eq!(world(too_many).ask(HERE, b""), Err(Fault::ReadOnly));
    // Keys count as bytes of the event.
    fn together(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.emit_keyed(&[b"k"], &[1; EVENT_BYTES_MAX])
    }
    let large = Fault::Event { got: EVENT_BYTES_MAX + 1, limit: EVENT_BYTES_MAX };
    assert_eq!(code(together), large.code());
}

/// The same limits, set lower by the chain. Each fault says what was got, and what it may be.
#[test]
fn a_chain_sets_its_own_limits() {
    type Does = fn(&mut Context<'_>) -> Result<(), Fault>;
    let table: [(Does, Fault); 5] = [
        (|ctx| ctx.set(&[1; KEY_BYTES_MIN + 1], b"v"), Fault::Key { got: 257, limit: 256 }),
        (|ctx| ctx.get(&[1; KEY_BYTES_MIN + 1]).map(drop), Fault::Key { got: 257, limit: 256 }),
        (|ctx| ctx.set(b"k", &[1; VALUE_BYTES_MIN + 1]), Fault::Value { got: 4_097, limit: 4_096 }),
        (|ctx| ctx.emit(&[1; EVENT_BYTES_MIN + 1]), Fault::Event { got: 1_025, limit: 1_024 }),
        (
            |ctx| (0..=EVENTS_MIN).try_for_each(|_| ctx.emit(b"e")),
            Fault::Events { got: 17, limit: 16 },
        ),
    ];
    let within: [Does; 4] = [
        |ctx| ctx.set(&[1; KEY_BYTES_MIN], b"v"),
        |ctx| ctx.set(b"k", &[1; VALUE_BYTES_MIN]),
        |ctx| ctx.emit(&[1; EVENT_BYTES_MIN]),
        |ctx| (0..EVENTS_MIN).try_for_each(|_| ctx.emit(b"e")),
    ];
    let run = |does: Does, chain: bool| {
        let mut world = world(does);
        if chain {
            world.env.params.key_bytes = KEY_BYTES_MIN as u32;
            world.env.params.value_bytes = VALUE_BYTES_MIN as u32;
            world.env.params.events = EVENTS_MIN as u32;
            world.env.params.event_bytes = EVENT_BYTES_MIN as u32;
            assert_eq!(world.env.params.check(), Ok(()));
        }
        let tx = Tx::by(1, 0).limit(1_000_000_000).act(0, HERE, Vec::new()).forge();
        world.block(&[tx]).unwrap().receipts[0].code
    };
    for (does, fault) in table {
        assert_eq!((run(does, true), run(does, false)), (fault.code(), 0), "{fault}");
    }
    for does in within {
        assert_eq!(run(does, true), 0);
    }
}

#[test]
fn each_transaction_has_its_own_events() {
    let mut world = world(|ctx| (0..EVENTS_MAX).try_for_each(|_| ctx.emit(b"e")));
    let tx = |seq| Tx::by(1, seq).limit(1_000_000).act(0, HERE, Vec::new()).forge();
    let done = world.block(&[tx(0), tx(1)]).unwrap();
    assert!(done.receipts.iter().all(|receipt| receipt.events.len() == EVENTS_MAX));
}

#[test]
fn an_empty_value_is_a_removal() {
    assert_eq!(
        code(|ctx| {
            ctx.set(b"k", b"v")?;
            ctx.set(b"k", b"")?;
            assert_eq!(ctx.get(b"k")?, None);
            assert!(ctx.scan(&Span::all(), Order::Up, 9)?.is_empty());
            Ok(())
        }),
        0
    );
}

#[test]
fn a_module_sees_its_own_keys_alone() {
    fn neighbours(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.set(b"", b"n")?;
        ctx.set(&[0xff; 4], b"n")
    }
    fn here(ctx: &mut Context<'_>) -> Result<(), Fault> {
        for neighbour in [0x0101, 0x0103, 0x0002, 0xffff] {
            ctx.call(neighbour, b"")?;
        }
        for order in [Order::Up, Order::Down] {
            assert!(ctx.scan(&Span::all(), order, 99)?.is_empty());
        }
        for key in [&b""[..], &[0xff; 4], &[1], &[1, 2]] {
            assert_eq!(ctx.get(key)?, None);
        }
        for key in [&b""[..], &[0], &[0xff; 4], &[1, 2, 3]] {
            ctx.set(key, b"h")?;
        }
        let span = Span { from: vec![0], to: Some(vec![0xff]) };
        let found = |order| vec![(vec![0], order), (vec![1, 2, 3], order)];
        let keys = |pairs: Vec<(Vec<u8>, Value)>| -> Vec<_> {
            pairs.into_iter().map(|(key, _)| (key, ())).collect()
        };
        let mut want = found(());
        assert_eq!(keys(ctx.scan(&span, Order::Up, 99)?), want);
        want.reverse();
        assert_eq!(keys(ctx.scan(&span, Order::Down, 99)?), want);
        assert_eq!(keys(ctx.scan(&span, Order::Down, 1)?), want[..1]);
        assert_eq!(keys(ctx.scan(&Span::prefix(&[1, 2]), Order::Up, 99)?), want[..1]);
        assert_eq!(ctx.scan(&Span::all(), Order::Up, 99)?.len(), 4);
        Ok(())
    }
    let mut modules = Modules::default().with(HERE, Does(here)).unwrap();
    for neighbour in [0x0101, 0x0103, 0x0002, 0xffff] {
        modules = modules.with(neighbour, Does(neighbours)).unwrap();
    }
    let mut world = World::bare(modules);
    let tx = Tx::by(1, 0).limit(1_000_000).act(0, HERE, Vec::new()).forge();
    assert_eq!(world.block(&[tx]).unwrap().receipts[0].code, 0);
}

#[test]
fn the_last_module_id_scans_to_the_end() {
    fn last(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.set(&[0xff; 9], b"v")?;
        ctx.set(b"", b"v")?;
        assert_eq!(ctx.scan(&Span::all(), Order::Down, 9)?.len(), 2);
        Ok(())
    }
    let mut world = World::bare(Modules::default().with(0xffff, Does(last)).unwrap());
    let tx = Tx::by(1, 0).act(0, 0xffff, Vec::new()).forge();
    assert_eq!(world.block(&[tx]).unwrap().receipts[0].code, 0);
}

#[test]
fn a_meter_once_overdrawn_fails_the_transaction() {
    // It swallows the fault and goes on, even in a savepoint or another call.
    let done = run(|ctx| {
        let left = ctx.meter_left();
        assert_eq!(ctx.charge(left), Ok(()));
        assert_eq!(ctx.meter_left(), 0);
        let limit = 1_000_000_000;
        assert_eq!(ctx.charge(1), Err(Fault::Meter { got: limit + 1, limit }));
        Ok(())
    });
    assert_eq!((done.code, done.meter), (1, 1_000_000_000));
    assert_eq!(code(|ctx| ctx.charge(u64::MAX).or(Ok(()))), 1);
    assert_eq!(code(|ctx| ctx.savepoint(|ctx| ctx.charge(u64::MAX)).or(Ok(()))), 1);
    assert_eq!(code(|ctx| ctx.charge(u64::MAX).and(ctx.charge(u64::MAX)).or(Ok(()))), 1);
}

#[test]
fn everything_a_module_does_is_metered() {
    fn used(does: fn(&mut Context<'_>) -> Result<(), Fault>) -> u64 {
        run(does).meter - run(|_| Ok(())).meter
    }
    assert_eq!(used(|ctx| ctx.charge(77)), 77);
    assert_eq!(used(|ctx| ctx.get(b"k").map(drop)), cost::READ);
    assert_eq!(used(|ctx| ctx.remove(b"k")), cost::WRITE + 3 * cost::WRITE_BYTE);
    assert_eq!(used(|ctx| ctx.emit(b"four")), cost::EVENT + 4 * cost::EVENT_BYTE);
    assert_eq!(
        used(|ctx| ctx.emit_keyed(&[b"one", b""], b"four")),
        cost::EVENT + 2 * cost::EVENT_KEY + 7 * cost::EVENT_BYTE
    );
    assert_eq!(used(|ctx| ctx.savepoint(|_| Ok(()))), cost::SAVEPOINT);
    assert_eq!(used(|ctx| ctx.call(99, b"").map(drop).or(Ok(()))), cost::CALL);
    assert_eq!(used(|ctx| ctx.query(99, b"").map(drop).or(Ok(()))), cost::CALL);
    assert_eq!(used(|ctx| ctx.scan(&Span::all(), Order::Up, 9).map(drop)), cost::SCAN);
    let write = cost::WRITE + (2 + 1 + 64) * cost::WRITE_BYTE;
    assert_eq!(used(|ctx| ctx.set(b"k", &[1; 64])), write);
    fn read(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.set(b"k", &[1; 64])?;
        ctx.get(b"k").map(drop)
    }
    assert_eq!(used(read), write + cost::READ + 2 * cost::READ_32_BYTES);
    fn scan(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.set(b"k", &[1; 64])?;
        ctx.scan(&Span::all(), Order::Up, 9).map(drop)
    }
    assert_eq!(used(scan), write + cost::SCAN + cost::READ + 3 * cost::READ_32_BYTES);
    let params = Params::default().encoded_len() as u64;
    assert_eq!(
        used(|ctx| ctx.set_next_params(Params::default())),
        cost::WRITE + params * cost::WRITE_BYTE
    );
    let authority = Authority::default().encoded_len() as u64;
    assert_eq!(
        used(|ctx| ctx.set_next_authority(Arc::default())),
        cost::WRITE + authority * cost::WRITE_BYTE
    );
}

#[test]
fn a_scan_stops_where_the_meter_does() {
    fn fill(ctx: &mut Context<'_>) -> Result<(), Fault> {
        for key in 0..50u8 {
            ctx.set(&[key], &[1])?;
        }
        let left = ctx.meter_left();
        ctx.charge(left - 10 * cost::READ)?;
        ctx.scan(&Span::all(), Order::Up, usize::MAX).map(drop)
    }
    assert_eq!(code(fill), 1);
}

#[test]
fn a_scan_pays_for_the_removals_that_it_passes() {
    fn used(does: fn(&mut Context<'_>) -> Result<(), Fault>) -> u64 {
        run(does).meter - run(|_| Ok(())).meter
    }
    fn remove(ctx: &mut Context<'_>) -> Result<(), Fault> {
        (0..50u8).try_for_each(|key| ctx.remove(&[key]))
    }
    fn remove_and_scan(ctx: &mut Context<'_>) -> Result<(), Fault> {
        remove(ctx)?;
        ctx.scan(&Span { from: vec![10], to: Some(vec![30]) }, Order::Down, 1).map(drop)
    }
    let step = cost::READ + cost::READ_32_BYTES;
    assert_eq!(used(remove_and_scan), used(remove) + cost::SCAN + 20 * step);
    // What was taken back is not there to be passed.
    fn take_back_and_scan(ctx: &mut Context<'_>) -> Result<(), Fault> {
        let failed = ctx.savepoint(|ctx| remove(ctx).and(Err::<(), _>(Fault::NoCaller)));
        assert_eq!(failed, Err(Fault::NoCaller));
        ctx.scan(&Span::all(), Order::Up, 1).map(drop)
    }
    assert_eq!(used(take_back_and_scan), used(remove) + cost::SAVEPOINT + cost::SCAN);
    // Enough is enough: what lies behind the last pair wanted is not paid for.
    fn first_only(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.set(&[0], &[1])?;
        (1..50u8).try_for_each(|key| ctx.remove(&[key]))?;
        assert_eq!(ctx.scan(&Span::all(), Order::Up, 1)?.len(), 1);
        assert_eq!(ctx.scan(&Span::all(), Order::Up, 0)?.len(), 0);
        Ok(())
    }
    assert_eq!(used(first_only), used(remove) + cost::WRITE_BYTE + 2 * cost::SCAN + step);
    fn all(ctx: &mut Context<'_>) -> Result<(), Fault> {
        remove(ctx)?;
        let left = ctx.meter_left();
        ctx.charge(left - 20 * cost::READ)?;
        ctx.scan(&Span::all(), Order::Up, 1).map(drop)
    }
    assert_eq!(code(all), 1);
}

#[test]
fn a_query_ends() {
    let asked = world(|ctx| {
        loop {
            ctx.get(b"k")?;
        }
    });
    let limit = cost::QUERY_MAX;
    let got = (limit / cost::READ + 1) * cost::READ;
    assert_eq!(asked.ask(HERE, b""), Err(Fault::Meter { got, limit }));
    let swallowed = world(|ctx| ctx.charge(u64::MAX).or(Ok(())));
    assert!(matches!(swallowed.ask(HERE, b""), Err(Fault::Meter { .. })));
}

#[test]
fn params_that_no_chain_may_have_are_refused() {
    fn none(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.set_next_params(Params { body_bytes: 0, ..Params::default() })
    }
    let error = Params { body_bytes: 0, ..Params::default() }.check().unwrap_err();
    assert_eq!(code(none), Fault::Params(error).code());
    let mut world = world(none);
    let tx = Tx::by(1, 0).act(0, HERE, Vec::new()).forge();
    assert_eq!(world.block(&[tx]).unwrap().next_params, world.env.params);
}

#[test]
fn what_is_stored_as_something_else_is_a_fault() {
    const NUMBER: Item<u64> = Item::new(3);
    const PAIRS: Map<u16, u16> = Map::new(4);
    let fault = Fault::Stored(DecodeError(String::new())).code();
    assert_eq!(code(|ctx| ctx.set(&[3], b"?").and_then(|()| NUMBER.get(ctx)).map(drop)), fault);
    fn odd_key(ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.set(&[4, 1, 2, 3], &[0, 0])?;
        PAIRS.scan(ctx, None, Order::Up, 9).map(drop)
    }
    assert_eq!(code(odd_key), fault);
}

#[test]
fn typed_collections_page_in_both_orders() {
    const BEFORE: Item<u8> = Item::new(1);
    const PAGES: Map<[u8; 2], u16> = Map::new(2);
    const AFTER: Item<u8> = Item::new(3);
    fn pages(ctx: &mut Context<'_>) -> Result<(), Fault> {
        BEFORE.set(ctx, &1)?;
        AFTER.set(ctx, &1)?;
        for n in 0..10u16 {
            PAGES.set(ctx, &(n * 50).to_be_bytes(), &n)?;
        }
        PAGES.remove(ctx, &150u16.to_be_bytes())?;
        AFTER.remove(ctx)?;
        assert_eq!((BEFORE.get(ctx)?, AFTER.get(ctx)?), (Some(1), None));
        for (order, want) in [
            (Order::Up, vec![0, 1, 2, 4, 5, 6, 7, 8, 9]),
            (Order::Down, vec![9, 8, 7, 6, 5, 4, 2, 1, 0]),
        ] {
            let (mut found, mut last) = (Vec::new(), None);
            loop {
                let page = PAGES.scan(ctx, last.as_ref(), order, 4)?;
                let Some((key, _)) = page.last() else { break };
                last = Some(*key);
                found.extend(page.iter().map(|(_, n)| *n));
            }
            assert_eq!(found, want);
        }
        Ok(())
    }
    assert_eq!(code(pages), 0);
}

#[test]
fn the_env_is_the_blocks() {
    fn look(ctx: &mut Context<'_>) -> Result<(), Fault> {
        let want = env(1);
        let got = ctx.env();
        assert_eq!((got.genesis, got.height, got.time), (want.genesis, 1, Wall(1)));
        assert_eq!(got.producer, want.producer);
        assert_eq!(ctx.own_address(), Policy::Module(HERE).address());
        Ok(())
    }
    assert_eq!(code(look), 0);
}
