//! Nodes that hear each other.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::net::Net;
use common::*;

fn miner(salt: u8) -> World {
    World::new(Setup { salt, ..Setup::miner() })
}

fn follower(salt: u8) -> World {
    World::new(Setup { salt, ..Setup::default() })
}

fn agreed(net: &Net) -> bool {
    let first = (net.worlds[0].best(), net.worlds[0].state_root());
    net.worlds.iter().all(|world| (world.best(), world.state_root()) == first)
}

#[test]
fn a_node_follows_another_whatever_the_pieces_of_the_stream() {
    for piece in [1, 7, 1_000, 1 << 20] {
        let mut net = Net::new(vec![miner(1), follower(2)]);
        net.piece = piece;
        net.connect(1, 0);
        for height in 1..=5 {
            net.mine(0, 1);
            assert!(agreed(&net) && net.worlds[1].height() == height);
        }
    }
}

#[test]
fn a_newcomer_catches_up_with_what_left_the_memory_of_others() {
    let mut net = Net::new(vec![miner(1), follower(2)]);
    net.mine(0, 30);
    assert!(net.worlds[0].node.chain().base().height > 20);
    net.connect(1, 0);
    net.wait(3_000);
    assert!(agreed(&net));
    assert_eq!(net.worlds[1].height(), 30);
}

#[test]
fn a_transaction_travels_to_the_miner_and_comes_back_in_a_block() {
    let mut net = Net::new(vec![miner(1), follower(2), follower(3)]);
    net.connect(1, 0);
    net.connect(2, 1);
    let id = net.worlds[2].offer(Tx::by(0, 0).send(1, 5).make()).unwrap();
    net.wait(1_000);
    assert!(net.worlds.iter().all(|world| world.pooled() == [id]));
    net.wait(10_000);
    net.mine(0, 1);
    let block = net.worlds[0].best();
    assert!(agreed(&net) && net.worlds.iter().all(|world| world.pooled().is_empty()));
    let body = net.worlds[2].medium_body(block);
    assert_eq!(body.transactions[0].intent().id(), id);
}

#[test]
fn two_that_mined_apart_agree_when_they_meet() {
    let mut net = Net::new(vec![miner(1), miner(2)]);
    let spent = Tx::by(0, 0).send(1, 5);
    let id = net.worlds[0].offer(spent.make()).unwrap();
    net.wait(10_000);
    net.mine(0, 2);
    net.mine(1, 4);
    assert_eq!(net.worlds[0].pooled(), []);
    let best = net.worlds[1].best();
    net.connect(0, 1);
    net.wait(2_000);
    assert!(agreed(&net) && net.worlds[0].best() == best);
    assert_eq!(net.worlds[0].pooled(), [id], "the block that held it was left");
    assert_eq!(net.worlds[1].pooled(), [id], "and the other hears of it");
    net.wait(10_000);
    net.mine(1, 1);
    assert!(agreed(&net) && net.worlds.iter().all(|world| world.pooled().is_empty()));
}

#[test]
fn a_node_that_crashed_catches_up() {
    let mut net = Net::new(vec![miner(1), follower(2)]);
    net.connect(1, 0);
    net.mine(0, 3);
    assert!(agreed(&net));
    net.cut();
    net.crash(1);
    net.mine(0, 12);
    assert_eq!((net.worlds[0].height(), net.worlds[1].height()), (15, 3));
    net.connect(1, 0);
    net.wait(2_000);
    assert!(agreed(&net));
}
