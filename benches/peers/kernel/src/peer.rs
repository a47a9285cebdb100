//! The peer: Bitcoin Core's engine on a regtest chain, both of its databases in memory.
use crate::keys::{Coin, Keys};
use crate::miner::Miner;
use crate::{ACCOUNTS, Failure, Pair};
use bitcoin::Transaction;
use bitcoin::consensus::serialize;
use bitcoinkernel::{ChainType, ChainstateManager, Context, disable_logging};
use isonomy_benches::measure::cpu_ns;
use tempfile::TempDir;

/// Coins of one fan-out: most of the largest block.
const FAN: u32 = 20_000;
/// Blocks until a coinbase may be spent.
const MATURITY: u32 = 100;
/// What a transaction pays, in satoshi.
const FEE: u64 = 200;

pub(crate) struct Peer {
    engine: Engine,
    miner: Miner,
    keys: Keys,
    /// Of each account, in order.
    coins: Vec<Coin>,
}

impl Peer {
    /// Mines until each account has a coin.
    pub(crate) fn new() -> Result<Self, Failure> {
        let (engine, miner, keys) = (Engine::new()?, Miner::new(), Keys::new(ACCOUNTS)?);
        let mut peer = Self { engine, miner, keys, coins: Vec::new() };
        let mut rewards = Vec::new();
        for _ in 0..MATURITY + ACCOUNTS / FAN {
            let block = peer.miner.block(Vec::new(), &peer.keys.script(0)?)?;
            rewards.extend(block.txdata.iter().flat_map(Coin::of).next());
            peer.connect(&serialize(&block))?;
        }
        for (first, reward) in (0..ACCOUNTS).step_by(FAN as usize).zip(rewards) {
            let all = first..first + FAN;
            let fan = peer.keys.spend(&reward, 0, all, reward.sats() / u64::from(FAN))?;
            peer.coins.extend(Coin::of(&fan));
            let block = peer.miner.block(vec![fan], &peer.keys.script(0)?)?;
            peer.connect(&serialize(&block))?;
        }
        Ok(peer)
    }

    /// A block of these transfers on the best one, encoded. Each account may send once only.
    pub(crate) fn block(&mut self, pairs: &[Pair]) -> Result<Vec<u8>, Failure> {
        let spends = self.spends(pairs)?;
        Ok(serialize(&self.miner.block(spends, &self.keys.script(0)?)?))
    }

    /// The same, but one signature is another's. The next block stands beside it.
    pub(crate) fn wrong(&self, pairs: &[Pair]) -> Result<Vec<u8>, Failure> {
        let mut spends = self.spends(pairs)?;
        let [first, second, ..] = &mut spends[..] else { return Err("one transfer".into()) };
        first.input[0].witness = second.input[0].witness.clone();
        Ok(serialize(&self.miner.clone().block(spends, &self.keys.script(0)?)?))
    }

    fn spends(&self, pairs: &[Pair]) -> Result<Vec<Transaction>, Failure> {
        let spend = |(from, to): &Pair| {
            let coin = self.coins.get(*from as usize).ok_or("no such account")?;
            self.keys.spend(coin, *from, *to..to + 1, coin.sats() - FEE)
        };
        pairs.iter().map(spend).collect()
    }

    /// From bytes to the new tip: nanoseconds of this thread.
    pub(crate) fn connect(&self, block: &[u8]) -> Result<f64, Failure> {
        self.engine.connect(block)
    }
}

/// Dropped in this order.
struct Engine {
    manager: ChainstateManager,
    _context: Context,
    _dir: TempDir,
}

impl Engine {
    fn new() -> Result<Self, Failure> {
        disable_logging();
        let dir = tempfile::tempdir()?;
        let path = |name| dir.path().join(name).to_str().map(String::from).ok_or("not UTF-8");
        let context = Context::builder().chain_type(ChainType::Regtest).build()?;
        let builder = ChainstateManager::builder(&context, &path("data")?, &path("blocks")?)?;
        let builder = builder.worker_threads(0).chainstate_db_in_memory(true);
        let manager = builder.block_tree_db_in_memory(true).build()?;
        Ok(Self { manager, _context: context, _dir: dir })
    }

    fn connect(&self, block: &[u8]) -> Result<f64, Failure> {
        let before = self.manager.active_chain().height();
        let mut accepted = Err("not run".into());
        let ns = cpu_ns(|| accepted = self.process(block));
        accepted?;
        match self.manager.active_chain().height() {
            height if height == before + 1 => Ok(ns),
            _ => Err("the peer refuses a block".into()),
        }
    }

    fn process(&self, block: &[u8]) -> Result<(), Failure> {
        let block = bitcoinkernel::Block::new(block)?;
        match self.manager.process_block(&block).is_new_block() {
            true => Ok(()),
            false => Err("the peer refuses a block unread".into()),
        }
    }
}
