//! A block takes half a minute to execute. Meanwhile the node answers as if nothing were.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod common;

use common::wire::befriend;
use common::{agreed, height, join, tip};
use isonomy_ledger::{Context, Fault, Mode, Module, Modules};
use isonomy_node::Job;
use isonomy_peer::Message;
use isonomy_sim::coin::Coin;
use isonomy_sim::wire::{frame, messages};
use isonomy_sim::{Settings, Sim, check, price};
use isonomy_types::{Blob, Encode, List, ModuleId, Transaction};

const SLOW: ModuleId = 9;
const SLOW_MS: u64 = 30_000;

/// Does nothing, slowly.
struct Slow;

impl Module for Slow {
    fn call(&self, _: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "keep everyone waiting".into()
    }
}

/// Blocks with a call to [`Slow`] take long; making such a block does not.
fn slow_price(job: &Job) -> u64 {
    let is_slow = |tx: &Transaction<_>| tx.intent().actions.iter().any(|a| a.module == SLOW);
    match job {
        Job::Execute(execute)
            if execute.mode == Mode::Block && execute.transactions.iter().any(|tx| is_slow(tx)) =>
        {
            SLOW_MS
        }
        _ => price(job),
    }
}

/// Says `bytes`, runs for a second, returns what the host answered.
fn ask(sim: &mut Sim, outsider: usize, message: &Message) -> Vec<Message> {
    let before = messages(sim.outsider(outsider).heard()).len();
    sim.inject(outsider, &frame(message));
    sim.run_for(1_000);
    messages(sim.outsider(outsider).heard()).split_off(before)
}

#[test]
fn a_node_that_executes_a_slow_block_answers_all_the_while() {
    let modules = Modules::default().with(SLOW, Slow).unwrap();
    let mut coin = Coin::with(3, modules, &[SLOW]).unwrap();
    let settings = Settings { price: slow_price, ..Settings::default() };
    let mut sim = Sim::new(settings, coin.spec.clone());
    let miner = join(&mut sim, &coin, true, &[]);
    let follower = join(&mut sim, &coin, false, &[miner]);
    let outsider = befriend(&mut sim, coin.id(), follower);
    assert!(sim.run_until(60_000, |sim| height(sim, follower) >= 3));

    let slow = coin.wallets[0].call(SLOW, Vec::new());
    let id = slow.intent().id();
    sim.submit(miner, slow);
    let is_mined = |sim: &Sim| height(sim, miner) > 3 && !sim.node(miner).pool().contains(&id);
    sim.run_for(100);
    assert!(sim.run_until(60_000, is_mined));
    // The follower is behind from now on, and knows it.
    assert!(sim.run_until(20_000, |sim| sim.node(follower).sync().behind() >= 1));
    let (stuck, since) = (height(&sim, follower), sim.now());

    let mut pongs = 0;
    for nonce in 0..12 {
        pongs += usize::from(
            ask(&mut sim, outsider, &Message::Ping { nonce }).contains(&Message::Pong { nonce }),
        );
    }
    assert_eq!(pongs, 12, "every ping within a second");

    let locator = List::truncated(vec![coin.id()]);
    let heard = ask(&mut sim, outsider, &Message::GetHeaders { locator });
    let entries = heard.iter().find_map(|m| match m {
        Message::Headers { entries } => Some(entries.len()),
        _ => None,
    });
    assert_eq!(entries, Some(stuck as usize), "what is executed is shown");

    let to = coin.wallets[2].address();
    let transfer = coin.wallets[1].transfer(to, 5);
    let id = transfer.intent().id();
    let heard = ask(&mut sim, outsider, &Message::Announce { ids: List::truncated(vec![id]) });
    assert!(heard.contains(&Message::GetTransactions { ids: List::truncated(vec![id]) }));
    let items = List::truncated(vec![(id, Blob::truncated(transfer.encode()))]);
    ask(&mut sim, outsider, &Message::Transactions { items });
    assert!(sim.node(follower).pool().contains(&id), "it is admitted at the old tip");

    // Headers go on being followed, above the block that is being executed.
    let chain = sim.node(follower).chain();
    let miners = sim.node(miner).chain().best();
    let known = sim.node(miner).chain().ancestry(miners.id).find(|id| chain.trail(id).is_some());
    assert!(chain.trail(&known.unwrap()).unwrap().height > stuck + 1);
    assert_eq!(height(&sim, follower), stuck, "the slow block is not yet executed");
    assert!(sim.now().since(since) > 10_000, "that took a while, all of it inside the slow job");

    assert!(sim.run_until(SLOW_MS * 2, |sim| height(sim, follower) > stuck + 3));
    sim.stop_mining();
    sim.run_for(SLOW_MS);
    assert!(agreed(&sim));
    let replay = check::all(&sim).unwrap();
    assert_eq!(replay.confirmed(tip(&sim, follower).0), 2);
}
