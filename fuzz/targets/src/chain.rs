//! A chain of coins, and blocks and transactions that are good on it, or almost.
use isonomy_consensus::pow::WorkSeal;
use isonomy_crypto::Hash;
use isonomy_ledger::accounts;
use isonomy_node::Node;
use isonomy_sim::coin::{Coin, Wallet};
use isonomy_sim::work::Role;
use isonomy_sim::{Settings, Sim};
use isonomy_types::{
    Address, Body, Encode, Entry, List, Policy, Seal, Signer, Transaction, Witness,
};
use std::sync::LazyLock;

/// Accounts that own something.
const WALLETS: usize = 4;
/// Virtual milliseconds within which a block comes: far more than any needs.
const BLOCK_MS: u64 = 3_600_000;

/// A block, as it travels.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) entry: Entry,
    pub(crate) body: Body,
}

impl Made {
    pub(crate) fn id(&self) -> Hash {
        self.entry.header.id()
    }
}

pub(crate) struct Scenery {
    pub(crate) coin: Coin,
    /// From the first block up: two that are good, and one whose last block lies about the state.
    pub(crate) branches: [Vec<Made>; 3],
    /// Good ones, and some that a node must refuse.
    pub(crate) transactions: Vec<Transaction>,
}

pub(crate) static CHAIN: LazyLock<Scenery> = LazyLock::new(|| {
    let (light, _) = branch(1, 6);
    let (heavy, lie) = branch(2, 9);
    let bad = heavy[..heavy.len() - 1].iter().cloned().chain([lie]).collect();
    let coin = coin();
    let transactions = transactions(&coin.wallets);
    Scenery { coin, branches: [light, heavy, bad], transactions }
});

pub(crate) fn genesis_id() -> Hash {
    CHAIN.coin.id()
}

fn coin() -> Coin {
    Coin::new(WALLETS).expect("a chain of coins")
}

/// So many blocks, and one that could stand in the place of the last but for its state root.
fn branch(seed: u64, blocks: u64) -> (Vec<Made>, Made) {
    let mut coin = coin();
    let mut sim = Sim::new(Settings { seed, ..Settings::default() }, coin.spec.clone());
    let producer = coin.wallets[usize::from(seed % 2 == 1)].address();
    let miner = sim.add(coin.maker(Role { mining: true, producer, ..Role::default() }), Vec::new());
    let to = coin.wallets[1].address();
    for height in 1..=blocks {
        sim.submit(miner, coin.wallets[0].transfer(to, u128::from(seed)));
        let came = |sim: &Sim| sim.node(miner).chain().best().height >= height;
        assert!(sim.run_until(BLOCK_MS, came), "a block comes");
    }
    let node = sim.node(miner);
    let entries = node.chain().after(&[coin.id()], usize::MAX).expect("genesis is known");
    let made: Vec<Made> = entries.into_iter().map(|entry| whole(node, entry)).collect();
    let lie = lie(node, &coin, made[made.len() - 1].clone());
    (made, lie)
}

fn whole(node: &Node, entry: Entry) -> Made {
    let body = node.chain().body(&entry.header.id()).expect("its miner has it");
    Made { entry, body }
}

/// The block with another state root, and with work that is sound again.
fn lie(node: &Node, coin: &Coin, mut made: Made) -> Made {
    let header = &mut made.entry.header;
    header.state_root = Hash::ZERO;
    let parent = node.chain().trail(&header.parent).expect("it stands on what is known");
    let authority = node.chain().authority_after(&header.parent).expect("likewise");
    header.seal = (0..)
        .map(|nonce| WorkSeal { nonce, extra: 0 }.seal())
        .find(|seal: &Seal| {
            let tried = isonomy_types::Header { seal: seal.clone(), ..header.clone() };
            coin.spec.rules.step(parent, &authority, &tried).is_ok()
        })
        .expect("some nonce works");
    made
}

fn transactions(wallets: &[Wallet]) -> Vec<Transaction> {
    let [mut one, mut two, mut three, mut four] =
        <[Wallet; WALLETS]>::try_from(wallets.to_vec()).expect("as many as there are");
    let to = two.address();
    let hand_over = accounts::Call::SetPolicy(Policy::Module(7)).encode();
    let foreign = Wallet::on(Hash::ZERO, 0).expect("a wallet").transfer(to, 1);
    vec![
        one.transfer(to, 5),
        one.transfer(to, 5),
        two.transfer(to, u128::MAX),
        two.call(accounts::ID, hand_over),
        three.call(99, vec![1; 40]),
        four.transfer(to, 0),
        foreign,
        several([&mut three, &mut four], to),
    ]
}

/// Of two signers. Their signatures are of other intents: it decodes, and fails its check.
fn several(wallets: [&mut Wallet; 2], to: Address) -> Transaction {
    let [one, two] = wallets.map(|wallet| wallet.transfer(to, 1));
    let mut intent = one.intent().clone();
    let signers = [&one, &two].map(|transaction| transaction.intent().signers[0]);
    intent.signers = List::<Signer, _>::truncated(signers.to_vec());
    let witnesses = [&one, &two].map(|transaction| transaction.witnesses()[0].clone());
    Transaction::new(intent, List::<Witness, _>::truncated(witnesses.to_vec()))
}
