//! What a node proposes.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::net::Net;
use common::*;
use isonomy_ledger::accounts;
use isonomy_ledger::assets;
use isonomy_node::Event;
use isonomy_types::{Address, Amount, Encode, Params, Policy, Transaction};
use proptest::prelude::*;

/// Of the block that the node mines next.
fn mined(world: &mut World) -> Vec<Transaction> {
    let id = world.mine();
    world.medium_body(id).transactions.into_vec()
}

/// Transactions of every sort that a pool takes: some fail, some end an account's policy, some
/// reserve much and use little.
fn sorts() -> impl Strategy<Value = Vec<Transaction>> {
    let act = |n: u8, tx: Tx| match n {
        0 => tx.send(3, 5),
        1 => tx.send(3, RICHES * 2),
        2 => tx.send(3, RICHES - 1_000_000).send(2, 7),
        3 => tx.act(9, vec![1, 2, 3]),
        4 => tx.act(assets::ID, vec![255]),
        5 => tx.act(accounts::ID, accounts::Call::SetPolicy(Policy::Module(9)).encode()),
        6 => tx.hand_over_to(5),
        _ => tx,
    };
    let one = (0..4_u8, 0..3_u16, 0..5_u8, 1..9_u64, 0..8_u8, 0..4_u64).prop_map(
        move |(by, lane, hand, price, sort, meter)| {
            let meters = [4_500, 20_000, 200_000, Params::default().body_meter];
            let tx = Tx::by(by, 0).on(lane).price(price).meter(meters[meter as usize]);
            let tx = act(sort, tx);
            if hand == 4 { tx.signed_by(5).make() } else { tx.make() }
        },
    );
    prop::collection::vec(one, 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn attack_29_every_template_of_a_node_passes_another(sorts in sorts()) {
        let miner = World::new(Setup::miner());
        let other = World::new(Setup { salt: 2, ..Setup::default() });
        let mut net = Net::new(vec![miner, other]);
        net.connect(0, 1);
        for transaction in sorts {
            // Refusals are fine: what gets in counts.
            let _ = net.worlds[0].offer(transaction);
        }
        for height in 1..=4 {
            net.mine(0, 1);
            prop_assert_eq!(net.worlds[1].best(), net.worlds[0].best());
            prop_assert_eq!(net.worlds[1].state_root(), net.worlds[0].state_root());
            prop_assert_eq!(net.worlds[1].height(), height);
        }
        for world in &net.worlds {
            let condemned = |event: &&Event| matches!(event, Event::Condemned { .. });
            prop_assert_eq!(world.events.iter().find(condemned), None);
            prop_assert_eq!(&world.closed, &[]);
        }
    }
}

#[test]
fn the_best_paid_go_first_and_lanes_keep_their_order() {
    let mut world = World::new(Setup::miner());
    let pays = |by: u8, seq: u64, price: u64| Tx::by(by, seq).price(price);
    let offered = [pays(0, 0, 2), pays(0, 1, 9), pays(1, 0, 5), pays(2, 0, 3)];
    for tx in &offered {
        world.offer(tx.make()).unwrap();
    }
    world.wait(10_000);
    let ids: Vec<_> = mined(&mut world).iter().map(|tx| tx.intent().id()).collect();
    assert_eq!(ids, [offered[2].id(), offered[3].id(), offered[0].id(), offered[1].id()]);
}

/// One account reserves the whole meter of a block with each of many transactions, pays more than
/// all others, and uses next to nothing: the reserve comes back, so it costs next to nothing too.
#[test]
fn whoever_reserves_much_and_uses_little_leaves_room_for_others() {
    let params = Params::default();
    let mut world = World::new(Setup::miner());
    let covered = RICHES / Amount::cost(params.body_meter, 2).0;
    assert!(covered > 30, "many times a block's meter");
    for seq in 0..covered as u64 {
        world.offer(Tx::by(0, seq).price(2).meter(params.body_meter).make()).unwrap();
    }
    let honest: Vec<_> = (1..6).map(|by| world.offer(Tx::by(by, 0).make()).unwrap()).collect();
    world.wait(10_000);
    let ids: Vec<_> = mined(&mut world).iter().map(|tx| tx.intent().id()).collect();
    assert!(honest.iter().all(|id| ids.contains(id)), "{} transactions", ids.len());
}

#[test]
fn a_template_is_dated_by_our_clock_and_after_its_parent() {
    let mut world = World::new(Setup::miner());
    let id = world.mine();
    assert_eq!(world.node.chain().header(&id).unwrap().time, world.now.wall);
    world.now.wall.0 -= 5_000;
    let next = world.mine();
    let times = [id, next].map(|id| world.node.chain().header(&id).unwrap().time.0);
    assert_eq!(times[1], times[0] + 1, "a clock set back");
}

#[test]
fn rewards_and_fees_go_to_the_producer() {
    let mut world = World::new(Setup::miner());
    world.offer(Tx::by(0, 0).price(3).make()).unwrap();
    world.wait(10_000);
    let id = world.mine();
    let chain = world.node.chain();
    let fee = chain.receipts(&id).unwrap()[0].fee.0;
    let env = chain.next_env(&id, world.now.wall, Address::default()).unwrap();
    let question = assets::Query::Balance(payee(1), assets::Asset::Coin).encode();
    let view = chain.view(&id).unwrap();
    let answer = isonomy_ledger::query(&env, &modules(), view, assets::ID, &question).unwrap();
    assert_eq!(answer, Amount(REWARD + fee).encode());
}
