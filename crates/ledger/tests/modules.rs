//! Nested calls: in whose name, what is rolled back, and what a module cannot do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Tx, World, address, config, env};
use isonomy_ledger::assets::{self, Assets};
use isonomy_ledger::*;
use isonomy_types::*;
use std::sync::Arc;

const INNER: ModuleId = 2;
const OUTER: ModuleId = 3;
const COUNT: Item<u64> = Item::new(0);
const CALLERS: Map<Address, u64> = Map::new(1);

/// Counts, remembers who called, refuses if told so.
struct Inner;

impl Module for Inner {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let count = COUNT.get(ctx)?.unwrap_or(0) + 1;
        COUNT.set(ctx, &count)?;
        let caller = ctx.caller().ok_or(Fault::NoCaller)?;
        CALLERS.set(ctx, &caller, &count)?;
        ctx.emit(b"inner")?;
        if payload == b"refuse" { Err(Fault::refused(7, "told so")) } else { Ok(count.encode()) }
    }

    fn query(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        match payload {
            b"set" => COUNT.set(ctx, &99)?,
            b"remove" => COUNT.remove(ctx)?,
            b"emit" => ctx.emit(b"never")?,
            b"call" => drop(ctx.call(INNER, b"")?),
            b"authority" => ctx.set_next_authority(Arc::default())?,
            b"params" => ctx.set_next_params(Params::default())?,
            b"savepoint" => ctx.savepoint(|ctx| COUNT.set(ctx, &99))?,
            b"query" => drop(ctx.query(INNER, b"set")?),
            _ => {}
        }
        assert_eq!(ctx.caller(), None);
        Ok(CALLERS.scan(ctx, None, Order::Up, 10)?.encode())
    }

    fn describe(&self, _: &[u8]) -> String {
        "count".into()
    }
}

const WRITES: [&[u8]; 8] =
    [b"set", b"remove", b"emit", b"call", b"authority", b"params", b"savepoint", b"query"];

/// Calls the inner module twice, lets one call fail, checks what is left.
struct Outer;

impl Module for Outer {
    fn calls(&self) -> &[ModuleId] {
        &[INNER]
    }

    fn call(&self, ctx: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        ctx.emit(b"outer")?;
        assert_eq!(ctx.call(INNER, b""), Ok(1u64.encode()));
        let refused = ctx.savepoint(|ctx| {
            ctx.emit(b"lost")?;
            assert_eq!(ctx.call(INNER, b""), Ok(2u64.encode()), "sees the open savepoint");
            ctx.call(INNER, b"refuse")
        });
        assert_eq!(refused, Err(Fault::refused(7, "told so")));
        for payload in WRITES {
            assert_eq!(ctx.query(INNER, payload), Err(Fault::ReadOnly), "{payload:?}");
        }
        let answer = ctx.query(INNER, b"")?;
        let callers = Vec::<(Address, u64)>::decode_exact(&answer).unwrap();
        assert_eq!(callers, [(ctx.own_address(), 1)], "the module's name, not the signer's");
        assert_eq!(ctx.call(99, b""), Err(Fault::UnknownModule(99)));
        assert_eq!(ctx.get(&[0])?, None, "the inner module's count is not ours");
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "call".into()
    }
}

fn modules() -> Modules {
    Modules::default().with(INNER, Inner).unwrap().with(OUTER, Outer).unwrap()
}

#[test]
fn an_inner_roll_back_leaves_the_outer_call_whole() {
    let mut world = World::bare(modules());
    let done = world.block(&[Tx::by(1, 0).act(0, OUTER, Vec::new()).sign()]).unwrap();
    assert_eq!(done.receipts[0].code, 0);
    let events = &done.receipts[0].events;
    let events: Vec<_> =
        events.iter().map(|event| (event.module, event.payload.into_vec())).collect();
    assert_eq!(events, [(OUTER, b"outer".to_vec()), (INNER, b"inner".to_vec())]);

    let own = Policy::Module(OUTER).address();
    let callers = [&[0, 2, 1], &own.encode()[..]].concat();
    let want = [(vec![0, 2, 0], 1u64.encode()), (callers, 1u64.encode())];
    let writes = done.layer.writes.iter().filter(|(key, _)| key[..2] != [0, 0]);
    let got: Vec<_> = writes.map(|(key, value)| (key.to_vec(), value.unwrap().to_vec())).collect();
    assert_eq!(got, want, "one count, one caller, nothing else");
}

#[test]
fn a_query_from_outside_cannot_write() {
    let world = World::bare(modules());
    for payload in WRITES {
        assert_eq!(world.ask(INNER, payload), Err(Fault::ReadOnly), "{payload:?}");
    }
    assert_eq!(world.ask(INNER, b""), Ok(Vec::<(Address, u64)>::new().encode()));
    assert_eq!(world.ask(OUTER, b""), Err(Fault::Unsupported));
    assert_eq!(world.ask(99, b""), Err(Fault::UnknownModule(99)));
}

#[test]
fn an_action_for_an_unknown_module_pays() {
    let mut world = World::bare(modules());
    let done = world.block(&[Tx::by(1, 0).act(0, 99, Vec::new()).sign()]).unwrap();
    assert_eq!(done.receipts[0].code, Fault::UnknownModule(99).code());
    assert_eq!(world.block(&[Tx::by(1, 1).sign()]).unwrap().included.len(), 1);
}

/// A module that holds coins and sends them on.
struct Vault;

impl Module for Vault {
    fn calls(&self) -> &[ModuleId] {
        &[assets::ID]
    }

    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        ctx.call(assets::ID, payload)
    }

    fn describe(&self, _: &[u8]) -> String {
        "send on".into()
    }
}

#[test]
fn a_module_spends_its_own_coins_and_not_its_callers() {
    let vault = Policy::Module(7).address();
    let modules = common::coin().with(7, Vault).unwrap();
    let configs = vec![(assets::ID, config(&[(1, 1_000_000)], 0)), (7, Vec::new())];
    let mut world = World::new(modules, configs);
    let transfer = |to, amount| assets::Call::pay(to, Amount(amount)).encode();

    let empty = Tx::by(1, 0).act(0, 7, transfer(address(2), 10));
    let done = world.block(&[empty.sign()]).unwrap();
    let code = Fault::refused(assets::refusal::NOT_ENOUGH, "").code();
    assert_eq!(done.receipts[0].code, code, "the caller is rich, the vault is not");

    let fill = Tx::by(1, 1).act(0, assets::ID, transfer(vault, 30));
    let spend = Tx::by(1, 2).act(0, 7, transfer(address(2), 10));
    let done = world.block(&[fill.sign(), spend.sign()]).unwrap();
    assert!(done.receipts.iter().all(|receipt| receipt.code == 0));
    assert_eq!((world.balance_of(vault), world.balance(2)), (20, 10));
    assert_eq!(world.counted(), 1_000_000);
}

/// Calls and asks a module that it does not declare, itself, and one that nobody has.
struct Nosy;

impl Module for Nosy {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let undeclared = Fault::Undeclared { module: 8, callee: INNER };
        match payload {
            b"call" => ctx.call(INNER, b""),
            b"query" => ctx.query(INNER, b""),
            b"accounts" => ctx.call(accounts::ID, b""),
            b"inside" => ctx.savepoint(|ctx| ctx.call(INNER, b"")),
            b"itself" => {
                ctx.call(8, b"quiet")?;
                ctx.query(8, b"")
            }
            b"swallow" => {
                assert_eq!(ctx.call(INNER, b""), Err(undeclared.clone()));
                assert_eq!(ctx.query(INNER, b""), Err(undeclared));
                assert_eq!(ctx.call(99, b""), Err(Fault::UnknownModule(99)));
                Ok(Vec::new())
            }
            _ => Ok(Vec::new()),
        }
    }

    fn query(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        if payload == b"query" { ctx.query(INNER, b"") } else { Ok(Vec::new()) }
    }

    fn end(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        let stray = ctx.call(INNER, b"");
        assert_eq!(stray, Err(Fault::Undeclared { module: 8, callee: INNER }), "nor in hooks");
        Ok(())
    }

    fn describe(&self, _: &[u8]) -> String {
        "pry".into()
    }
}

#[test]
fn a_module_calls_those_it_declares_and_no_other() {
    let mut world = World::bare(modules().with(8, Nosy).unwrap());
    let undeclared = Fault::Undeclared { module: 8, callee: INNER };
    let table: [(&[u8], u16); 6] = [
        (b"call", undeclared.code()),
        (b"query", undeclared.code()),
        (b"accounts", undeclared.code()),
        (b"inside", undeclared.code()),
        (b"itself", 0),
        (b"swallow", 0),
    ];
    for (seq, (payload, code)) in table.into_iter().enumerate() {
        let tx = Tx::by(1, seq as u64).act(0, 8, payload.to_vec()).forge();
        let done = world.block(&[tx]).unwrap();
        assert_eq!(done.receipts[0].code, code, "{payload:?}");
        assert!(world.view().get(&[0, 2, 0]).unwrap().is_none(), "the other was not reached");
    }
    assert_eq!(world.ask(8, b"query"), Err(undeclared));
    assert_eq!(world.ask(8, b""), Ok(Vec::new()));
}

/// Records what each entrance sees.
struct Witness;

impl Module for Witness {
    fn genesis(&self, ctx: &mut Context<'_>, config: &[u8]) -> Result<(), Fault> {
        assert_eq!((ctx.caller(), ctx.env().height), (None, 0));
        ctx.set(b"log", config)
    }

    fn begin(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.emit(b"begin")?;
        note(ctx, b'b')
    }

    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        assert_eq!(ctx.caller(), Some(address(payload[0])), "the signer whom the action names");
        ctx.emit(b"call")?;
        note(ctx, b'c').map(|()| Vec::new())
    }

    fn query(&self, ctx: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(ctx.get(b"log")?.map_or_else(Vec::new, |log| log.to_vec()))
    }

    fn end(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        ctx.emit(b"end")?;
        note(ctx, b'e')
    }

    fn describe(&self, _: &[u8]) -> String {
        "note".into()
    }

    fn purse(&self, ctx: &mut Context<'_>, of: Address, change: Purse) -> Result<(), Fault> {
        assert_eq!(ctx.caller(), None);
        match change {
            Purse::Take(_) => note(ctx, b't'),
            Purse::Give(_) if of == ctx.env().producer => note(ctx, b'p'),
            Purse::Give(_) => note(ctx, b'r'),
            Purse::Burn(_) => note(ctx, b'x'),
        }
    }
}

fn note(ctx: &mut Context<'_>, what: u8) -> Result<(), Fault> {
    let log = ctx.get(b"log")?.unwrap_or_else(|| Vec::new().into());
    ctx.set(b"log", &[&*log, &[what]].concat())
}

#[test]
fn a_block_runs_in_order() {
    let modules = Modules::default().with(5, Witness).unwrap().purse(5).unwrap();
    let mut world = World::new(modules, vec![(5, b"g".to_vec())]);
    let two = Tx::by(1, 0).and(2, 0, 0).act(1, 5, vec![2]).act(0, 5, vec![1]);
    let done = world.block(&[two.sign(), Tx::by(3, 0).sign()]).unwrap();
    assert_eq!(world.ask(5, b"").unwrap(), b"gbtccrtrpe");

    let said = |index: usize| -> Vec<_> {
        let events = done.receipts[index].events.iter();
        events.map(|event| String::from_utf8(event.payload.to_vec()).unwrap()).collect()
    };
    assert_eq!(done.receipts.len(), 3, "two transactions, and the block's own");
    assert_eq!(said(0), ["call", "call"]);
    assert!(said(1).is_empty());
    assert_eq!(said(2), ["begin", "end"], "not in any transaction's receipt");
    assert_eq!((done.receipts[2].meter, done.receipts[2].fee), (0, Amount::ZERO));
}

#[test]
fn what_is_burned_is_burned_once_before_the_producer_is_paid() {
    for (share, log) in [(500, &b"gbtcrtrxpe"[..]), (1_000, b"gbtcrtrxe")] {
        let modules = Modules::default().with(5, Witness).unwrap().purse(5).unwrap();
        let mut world = World::new(modules, vec![(5, b"g".to_vec())]);
        world.env.params.burned_per_mille = share;
        let first = Tx::by(1, 0).act(0, 5, vec![1]);
        world.block(&[first.sign(), Tx::by(3, 0).sign()]).unwrap();
        assert_eq!(world.ask(5, b"").unwrap(), log);
    }
}

/// Refuses at the entrances it is told to.
struct Stubborn(bool, bool);

impl Module for Stubborn {
    fn begin(&self, _: &mut Context<'_>) -> Result<(), Fault> {
        if self.0 { Err(Fault::refused(1, "begin")) } else { Ok(()) }
    }

    fn call(&self, _: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        Err(Fault::Unsupported)
    }

    fn end(&self, _: &mut Context<'_>) -> Result<(), Fault> {
        if self.1 { Err(Fault::refused(2, "end")) } else { Ok(()) }
    }

    fn describe(&self, _: &[u8]) -> String {
        "nothing".into()
    }
}

#[test]
fn a_module_can_stop_a_block() {
    let table = [
        (Stubborn(false, false), None),
        (Stubborn(true, false), Some(Fault::refused(1, "begin"))),
        (Stubborn(false, true), Some(Fault::refused(2, "end"))),
    ];
    for (module, want) in table {
        let world = World::bare(Modules::default().with(1, module).unwrap());
        for mode in [Mode::Block, Mode::Template] {
            let got = world.execute(&[], mode).err();
            assert_eq!(got, want.clone().map(ExecuteError::Module));
        }
    }
}

#[test]
fn a_chain_has_the_modules_that_genesis_names() {
    let stubborn = || Stubborn(false, false);
    let two = || Modules::default().with(4, stubborn()).unwrap().with(6, stubborn()).unwrap();
    let birth = |ids: &[ModuleId]| {
        let configs = ids.iter().map(|id| (*id, Vec::new())).collect();
        let born = Birth { env: env(0), modules: Arc::new(two()), configs }.run();
        born.map(|born| born.layer.writes.len())
    };
    assert_eq!(birth(&[4, 6]), Ok(0));
    assert_eq!(birth(&[6, 4]), Ok(0), "in any order");
    let table: [(&[ModuleId], ModuleId); 6] =
        [(&[], 4), (&[4], 6), (&[6], 4), (&[4, 5, 6], 5), (&[4, 6, 6], 6), (&[0, 4, 6], 0)];
    for (ids, odd) in table {
        assert_eq!(birth(ids), Err(ExecuteError::Named(odd)), "{ids:?}");
    }
    let configs = vec![(4, vec![1]), (6, Vec::new())];
    let unread = Birth { env: env(0), modules: Arc::new(two()), configs }.run();
    assert_eq!(unread.err(), Some(ExecuteError::Module(Fault::Unsupported)));
}

#[test]
fn a_place_is_given_once() {
    let stubborn = || Stubborn(false, false);
    let error = |modules: Result<Modules, _>| modules.err();
    assert_eq!(error(Modules::default().with(0, stubborn())), Some(ModulesError::Reserved(0)));
    let one = Modules::default().with(4, stubborn()).unwrap();
    assert_eq!(error(one.with(4, Assets)), Some(ModulesError::Taken(4)));
    assert_eq!(error(Modules::default().purse(4)), Some(ModulesError::Unknown(4)));
    assert_eq!(error(Modules::default().purse(0)), Some(ModulesError::Unknown(0)));
    assert_eq!(modules().ids(), [INNER, OUTER]);
    assert!(modules().get(accounts::ID).is_ok());
}

#[test]
fn a_purse_that_is_none_stops_who_pays() {
    let modules = Modules::default().with(1, Stubborn(false, false)).unwrap().purse(1).unwrap();
    let world = World::bare(modules);
    let why = world.refusal(&Tx::by(1, 0).sign());
    let payer = Inadmissible::Payer { limit: Amount(30_000), fault: Fault::Unsupported };
    assert_eq!(why, Some(payer));
}

#[test]
fn what_runs_as_a_job_can_leave_its_thread() {
    fn sendable<T: Send + 'static>() {}
    sendable::<Execute>();
    sendable::<Birth>();
    sendable::<Admit>();
    sendable::<Executed>();
    fn shareable<T: Send + Sync>() {}
    shareable::<Stack>();
    shareable::<Modules>();
}
