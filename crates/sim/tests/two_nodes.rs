//! Two nodes: one mines, the other follows; restarts; forks that meet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use isonomy_crypto::Hash;
use isonomy_node::Event;
use isonomy_sim::coin::{Coin, FUNDS, REWARD, balance};
use isonomy_sim::work::Role;
use isonomy_sim::{Settings, Sim, check};
use isonomy_types::Address;

const PRODUCERS: [Address; 2] =
    [Address(Hash::from_bytes([7; 32])), Address(Hash::from_bytes([9; 32]))];

fn sim(coin: &Coin, seed: u64) -> Sim {
    Sim::new(Settings { seed, ..Settings::default() }, coin.spec.clone())
}

/// Adds a host that calls `peers`.
fn join(sim: &mut Sim, coin: &Coin, mining: bool, peers: &[usize]) -> usize {
    let peers = peers.iter().map(|host| Sim::address_of(*host)).collect();
    let producer = PRODUCERS[sim.hosts().len() % 2];
    sim.add(coin.maker(Role { mining, producer, peers, ..Role::default() }), vec![])
}

fn height(sim: &Sim, host: usize) -> u64 {
    sim.node(host).chain().best().height
}

/// Id and state root of the best block.
fn tip(sim: &Sim, host: usize) -> (Hash, Hash) {
    let chain = sim.node(host).chain();
    (chain.best().id, chain.header(&chain.best().id).unwrap().state_root)
}

fn owns(sim: &Sim, coin: &Coin, host: usize, who: Address) -> u128 {
    balance(sim.node(host), &coin.spec.modules, who).unwrap().0
}

#[test]
fn a_late_node_reaches_the_miners_tip_and_root() {
    let mut coin = Coin::new(2).unwrap();
    let (alice, bob) = (coin.wallets[0].address(), coin.wallets[1].address());
    let mut sim = sim(&coin, 1);
    let miner = join(&mut sim, &coin, true, &[]);
    sim.submit(miner, coin.wallets[0].transfer(bob, 500));
    sim.submit(miner, coin.wallets[0].transfer(bob, FUNDS.0 * 2));
    assert!(sim.run_until(600_000, |sim| height(sim, miner) >= 60));

    let late = join(&mut sim, &coin, false, &[miner]);
    let caught_up = |sim: &Sim| height(sim, late) >= 62 && tip(sim, late) == tip(sim, miner);
    assert!(
        sim.run_until(120_000, caught_up),
        "at {} of {}",
        height(&sim, late),
        height(&sim, miner)
    );

    sim.stop_mining();
    sim.run_for(20_000);
    let replay = check::all(&sim).unwrap();
    assert_eq!(replay.confirmed(tip(&sim, late).0), 1, "the second transfer fails");
    assert_eq!(owns(&sim, &coin, late, bob), FUNDS.0 + 500);
    let fees = FUNDS.0 - 500 - owns(&sim, &coin, late, alice);
    assert!(fees > 0, "and pays its fee");
    let mined = REWARD.0 * u128::from(height(&sim, late));
    assert_eq!(owns(&sim, &coin, late, PRODUCERS[0]), mined + fees);
    assert!(sim.node(late).chain().base().height > 0, "it flushes as it goes");
}

#[test]
fn a_restart_comes_back_to_the_same_tip_and_root() {
    let mut coin = Coin::new(2).unwrap();
    let bob = coin.wallets[1].address();
    let mut sim = sim(&coin, 2);
    let miner = join(&mut sim, &coin, true, &[]);
    sim.submit(miner, coin.wallets[0].transfer(bob, 500));
    assert!(sim.run_until(600_000, |sim| height(sim, miner) >= 60));
    sim.stop_mining();
    sim.run_for(5_000);

    let before = tip(&sim, miner);
    let recovered = sim.host(miner).recover().unwrap();
    assert!(recovered.tip.header.height > 4, "something is flushed");
    assert!(recovered.log.len() > 4, "and something is to be replayed");
    sim.crash(miner);
    sim.run_for(1_000);
    sim.revive(miner);
    assert!(sim.run_until(10_000, |sim| tip(sim, miner) == before), "{:?}", tip(&sim, miner));
    assert_eq!(owns(&sim, &coin, miner, bob), FUNDS.0 + 500);
    check::all(&sim).unwrap();
}

#[test]
fn two_miners_apart_agree_once_they_meet() {
    let mut coin = Coin::new(4).unwrap();
    let to = coin.wallets[3].address();
    let mut sim = sim(&coin, 3);
    let hosts = [join(&mut sim, &coin, true, &[]), join(&mut sim, &coin, true, &[])];
    for host in hosts {
        sim.submit(host, coin.wallets[host].transfer(to, 500));
    }
    // Both spend the same nonce of the same account: one of the two can never be confirmed.
    let mut twin = coin.wallets[2].clone();
    sim.submit(0, coin.wallets[2].transfer(to, 10));
    sim.submit(1, twin.transfer(to, 20));
    assert!(sim.run_until(60_000, |sim| hosts.iter().all(|host| height(sim, *host) >= 6)));
    assert_ne!(tip(&sim, 0), tip(&sim, 1));

    sim.connect(0, 1);
    let agreed = |sim: &Sim| height(sim, 0) >= 12 && tip(sim, 0) == tip(sim, 1);
    assert!(sim.run_until(120_000, agreed), "{:?}", hosts.map(|host| height(&sim, host)));
    sim.run_for(20_000);
    sim.stop_mining();
    sim.run_for(20_000);

    let replay = check::all(&sim).unwrap();
    assert_eq!(replay.confirmed(tip(&sim, 0).0), 3, "the losing branch's transfer is not lost");
    for host in hosts {
        let got = owns(&sim, &coin, host, to) - FUNDS.0;
        assert!(got == 1_010 || got == 1_020, "{got}");
        assert_eq!(sim.node(host).pool().len(), 0);
    }
    let left = |(_, event): &(_, Event)| matches!(event, Event::Best { left, .. } if *left >= 6);
    assert_eq!(hosts.iter().filter(|h| sim.host(**h).events().iter().any(left)).count(), 1);
    let moved = |(_, event): &&(_, Event)| matches!(event, Event::Best { left: 1.., .. });
    for host in hosts {
        let told = sim.host(host).events().iter().filter(moved).count();
        assert_eq!(sim.node(host).reorgs(), told as u64, "they are counted as they are told");
    }
}
