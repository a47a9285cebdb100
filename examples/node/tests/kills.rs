//! A loaded node, killed at random moments: nothing that it told anyone is ever lost.
//!
//! Twenty kills by default. A soak of two hundred:
//!
//! ```sh
//! ISONOMY_KILLS=200 cargo test --release -p isonomy-cli --test kills -- --nocapture
//! ```
//!
//! `ISONOMY_SEED` repeats the moments that a run printed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
#![allow(clippy::disallowed_methods)]
mod common;

use common::{Running, copy, run, start, stdout};
use isonomy::chain::Append;
use isonomy::client::api::TransactionStatus;
use isonomy::client::{Client, ClientError};
use isonomy::crypto::Hash;
use isonomy::ledger::{Empty, Env, Execute, Layer, Mode, Stack, StateTree, View, state_root};
use isonomy::store::{Disk, Store};
use isonomy::types::{Address, Amount, Body, Header, Nonce, Params, Transaction, Wall};
use isonomy::wallet::{Transfer, Wallet, meter_for};
use isonomy::{Coin, Spec};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const KILLS: u64 = 20;
const FUNDS: u128 = 1_000_000_000;
const REWARD: u128 = 50;
/// Above the base depth of 64 and a first flush: from here on a flush is never far.
const WARM: u64 = 90;

/// What the node told anyone.
#[derive(Default)]
struct Told {
    height: u64,
    base: u64,
    blocks: BTreeMap<u64, Hash>,
    waiting: Vec<Hash>,
    confirmed: BTreeMap<Hash, (u64, Hash)>,
}

struct Net {
    dir: PathBuf,
    genesis: String,
    spec: Spec,
    wallet: Wallet,
    address: String,
}

impl Net {
    fn new(dir: &Path) -> Self {
        let key = dir.join("key.json");
        let wallet = Wallet::create(&key).unwrap();
        let (address, genesis) = (wallet.address().to_string(), dir.join("genesis.toml"));
        let genesis = genesis.to_str().unwrap().to_owned();
        let funds = format!("{address}={FUNDS}");
        let quick = ["--hashes", "50", "--interval-ms", "40", "--allocate", &funds];
        let made = run(&[&["genesis", "--out", &genesis], &quick[..]].concat());
        assert!(made.status.success(), "{}", stdout(&made));
        let spec = Spec::parse(&std::fs::read_to_string(&genesis).unwrap()).unwrap();
        Self { dir: dir.join("data"), genesis, spec, wallet, address }
    }

    fn start(&self, mine: bool) -> (Running, Client) {
        let mining = ["--mine", "--producer", &self.address, "--hash-rate", "8000"];
        let more = if mine { &mining[..] } else { &[] };
        let node = start(&self.genesis, self.dir.to_str().unwrap(), more);
        let client = Client::new(&node.rpc).unwrap();
        (node, client)
    }

    fn transfer(&self, seq: u64, height: u64) -> Transaction {
        let mut transfer = Transfer {
            to: Address::default(),
            amount: Amount(1),
            nonce: Nonce { lane: 0, seq },
            price: 2,
            meter_limit: 0,
            expires: height + 1_000,
        };
        transfer.meter_limit = meter_for(&transfer);
        let genesis = self.spec.coin().unwrap().genesis.tip.trail.id;
        self.wallet.sign(self.wallet.transfer(genesis, transfer)).unwrap()
    }

    /// Hands in transfers and notes what the node says, until `enough` or for ever.
    async fn load(
        &self,
        client: &Client,
        told: &mut Told,
        enough: impl Fn(&Told) -> bool,
    ) -> Result<(), ClientError> {
        let mut seq = client.account(self.wallet.address()).await?.next;
        while !enough(told) {
            let status = client.status().await?;
            assert!(status.height >= told.height && status.base >= told.base);
            (told.height, told.base) = (status.height, status.base);
            told.blocks.insert(status.height, status.tip);
            match client.submit(&self.transfer(seq, status.height)).await {
                Ok(taken) => {
                    told.waiting.push(taken.id);
                    seq += 1;
                }
                // Its lane is full: blocks come first.
                Err(ClientError::Refused { .. }) => {
                    seq = client.account(self.wallet.address()).await?.next;
                }
                Err(error) => return Err(error),
            }
            for id in std::mem::take(&mut told.waiting) {
                match client.transaction(id).await.map(|reply| reply.status) {
                    Ok(TransactionStatus::Confirmed { block, height, .. }) => {
                        told.confirmed.insert(id, (height, block));
                    }
                    Ok(TransactionStatus::Waiting) => told.waiting.push(id),
                    Err(error) if error.is_not_found() => {}
                    Err(error) => return Err(error),
                }
            }
            told.waiting.truncate(8);
        }
        Ok(())
    }
}

/// The state as the blocks make it, from genesis on.
struct Replay {
    coin: Coin,
    state: Layer,
    headers: Vec<(Hash, Header)>,
    params: Params,
}

impl Replay {
    fn new(coin: Coin) -> Self {
        let (state, tip) = (coin.genesis.layer.clone(), &coin.genesis.tip);
        let headers = vec![(tip.trail.id, tip.header.clone())];
        Self { state, headers, params: tip.params.clone(), coin }
    }

    fn view(&self) -> Arc<dyn View> {
        Arc::new(Stack { layers: vec![Arc::new(self.state.clone())], base: Arc::new(Empty) })
    }

    fn execute(&mut self, header: Header, body: Body) {
        assert_eq!(header.parent, self.headers.last().unwrap().0);
        assert_eq!(body.root(), header.body_root);
        let genesis = self.coin.genesis.tip.trail.id;
        let checked = Transaction::check_all(body.transactions.into_vec(), &genesis).unwrap();
        let env = Env {
            genesis,
            height: header.height,
            time: header.time,
            producer: header.producer,
            authority: self.coin.genesis.tip.authority.clone(),
            params: self.params.clone(),
        };
        let (modules, view) = (self.coin.modules.clone(), self.view());
        let transactions = checked.into_iter().map(Arc::new).collect();
        // No tree is carried along: the root is taken of the whole state, as a stranger would.
        let tree = StateTree::of(&*view).unwrap();
        let execute = Execute { env, modules, view, tree, transactions, mode: Mode::Block };
        let executed = execute.run().unwrap();
        assert_eq!(executed.tree.root(), header.state_root);
        assert_eq!(executed.receipts_root, header.receipts_root);
        self.state.cover(&executed.layer);
        self.params = executed.next_params;
        self.headers.push((header.id(), header));
    }

    /// Opens what a kill left, in a copy, executes what is new in it, and compares.
    fn check(&mut self, dir: &Path, told: &Told) {
        let copied = tempfile::tempdir().unwrap();
        copy(dir, copied.path());
        let mut disk = Disk::open(copied.path(), &self.coin.genesis).unwrap();
        let (recovered, archive) = (disk.recover().unwrap(), disk.archive());
        let stored = recovered.tip.header.height;
        for height in self.headers.len() as u64..=stored {
            let entry = archive.entry_at(height).unwrap().unwrap();
            let body = archive.body(&entry.header.id()).unwrap().unwrap();
            self.execute(entry.header, body);
        }
        for append in recovered.log {
            let Append::Block { entry, body } = append else { continue };
            if entry.header.parent == self.headers.last().unwrap().0 {
                self.execute(entry.header, body);
            }
        }
        let (id, header) = &self.headers[usize::try_from(stored).unwrap()];
        assert_eq!(
            (*id, header.state_root),
            (recovered.tip.trail.id, recovered.tip.header.state_root)
        );
        assert_eq!(state_root(&*recovered.view).unwrap(), header.state_root);
        assert!(stored >= told.base, "the stored state went back");
        for (height, id) in &told.blocks {
            let kept = self.headers.get(usize::try_from(*height).unwrap());
            assert_eq!(kept.map(|(id, _)| id), Some(id), "block {height} was shown and is lost");
        }
    }
}

/// A small generator, so that a seed repeats the moments.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 31)
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

async fn recovered(client: &Client, told: &Told) {
    let started = Instant::now();
    while client.status().await.unwrap().height < told.height {
        assert!(started.elapsed() < Duration::from_secs(30), "not as high as before");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for (id, (height, block)) in told.confirmed.iter().rev().take(20) {
        let TransactionStatus::Confirmed { block: b, height: h, .. } =
            client.transaction(*id).await.unwrap().status
        else {
            panic!("{id} was confirmed and is not any more")
        };
        assert_eq!((h, b), (*height, *block));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_node_told_anyone_is_never_lost() {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (seed, kills) = (from_environment("ISONOMY_SEED"), from_environment("ISONOMY_KILLS"));
    let (seed, kills) = (seed.unwrap_or(clock), kills.unwrap_or(KILLS));
    println!("ISONOMY_SEED={seed}");
    let (root, mut random) = (tempfile::tempdir().unwrap(), seed);
    let net = Net::new(root.path());
    let (mut told, mut replay) = (Told::default(), Replay::new(net.spec.coin().unwrap()));

    let (node, client) = net.start(true);
    net.load(&client, &mut told, |told| told.height >= WARM && told.base > 0).await.unwrap();
    drop(node);
    for kill in 1..=kills {
        let (node, client) = net.start(true);
        recovered(&client, &told).await;
        let before = told.height;
        let moment = Duration::from_millis(next(&mut random) % 600);
        let ended = tokio::time::timeout(moment, net.load(&client, &mut told, |_| false)).await;
        assert!(ended.is_err(), "the node ended by itself: {ended:?}");
        drop(node);
        replay.check(&net.dir, &told);
        println!("kill {kill} after {moment:?}: {before} to {}, base {}", told.height, told.base);
    }

    let (node, client) = net.start(true);
    recovered(&client, &told).await;
    let (height, base) = (told.height, told.base);
    net.load(&client, &mut told, |told| told.height > height + 2).await.unwrap();
    assert!(base > WARM - 64 && told.confirmed.len() > 20, "the load was too small");
    assert!(node.stop());
    replay.check(&net.dir, &told);

    let (node, client) = net.start(false);
    recovered(&client, &told).await;
    let (status, supply) = (client.status().await.unwrap(), client.supply().await.unwrap().supply);
    assert_eq!(supply, Amount(FUNDS + REWARD * u128::from(status.height)));
    let (id, header) = replay.headers.last().unwrap();
    assert_eq!((status.tip, status.state_root), (*id, header.state_root));
    assert!(header.time > Wall(net.spec.time) && node.stop());
}
