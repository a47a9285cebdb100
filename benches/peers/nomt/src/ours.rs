//! Our side: a node's chain and its store, without the network.
use crate::block::World;
use crate::{Args, measure::Spent};
use anyhow::{Context, ensure};
use isonomy_chain::{Append, Chain, Recovered};
use isonomy_crypto::Hash;
use isonomy_store::{Disk, Store};
use isonomy_types::{Body, Decode, Encode, Entry, Transaction};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// A store, and the chain on it.
pub(crate) struct Ours {
    world: World,
    disk: Disk,
    chain: Chain,
    args: Args,
    seq: u64,
}

/// What blocks took, by step.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Steps {
    /// Decoding, signatures, header.
    pub(crate) check: Spent,
    /// Execution with its root.
    pub(crate) execute: Spent,
    /// The log, synced.
    pub(crate) append: Spent,
    /// Merging layers, and the state's transaction, synced.
    pub(crate) flush: Spent,
}

impl Ours {
    /// Opens, recovers, and executes what the log holds.
    pub(crate) fn open(world: World, dir: &Path, args: Args) -> anyhow::Result<(Self, [Spent; 3])> {
        let [mut opened, mut recovered, mut executed] = [Spent::default(); 3];
        let mut disk = opened.of(|| Disk::open(dir, &world.genesis))?;
        let found = recovered.of(|| disk.recover())?;
        let Recovered { tip, below, view, tree, log } = found;
        ensure!(tree.root() == tip.header.state_root, "the state is not its block's");
        let (work, modules) = (Arc::new(world.work), world.modules.clone());
        let genesis = world.genesis.tip.trail.id;
        let chain = Chain::new(work, modules, genesis, tip, below, view, tree);
        let mut ours = Self { world, disk, chain, args, seq: 0 };
        executed.of(|| ours.replay(log))?;
        Ok((ours, [opened, recovered, executed]))
    }

    fn replay(&mut self, log: Vec<Append>) -> anyhow::Result<()> {
        for append in log {
            let Append::Block { entry, body } = append else { continue };
            let own = body.transactions.into_iter().map(Transaction::trust_own_log);
            self.import(*entry, own.map(Arc::new).collect())?;
        }
        Ok(())
    }

    /// Makes and takes in so many blocks. Making them is not counted.
    pub(crate) fn blocks(&mut self, count: u64) -> anyhow::Result<Steps> {
        let mut steps = Steps::default();
        for _ in 0..count {
            let (entry, body) = self.world.child(&self.chain, self.seq)?;
            self.seq += body.transactions.len() as u64;
            self.take_in(entry, body.encode(), &mut steps)?;
        }
        Ok(steps)
    }

    fn take_in(&mut self, entry: Entry, body: Vec<u8>, steps: &mut Steps) -> anyhow::Result<()> {
        let genesis = self.chain.genesis();
        let checked = steps.check.of(|| {
            let body = Body::decode_exact(&body)?;
            ensure!(body.root() == entry.header.body_root, "not this block's body");
            Ok(Transaction::check_all(body.transactions.into_iter().collect(), &genesis)?)
        })?;
        let transactions = checked.into_iter().map(Arc::new).collect();
        let id = steps.execute.of(|| self.import(entry, transactions))?;
        steps.append.of(|| {
            let entry = self.chain.entry(&id).context("no entry")?;
            let body = self.chain.body(&id).context("no body")?;
            anyhow::Ok(self.disk.append(&[Append::Block { entry: Box::new(entry), body }])?)
        })?;
        steps.flush.of(|| self.flush())
    }

    fn import(
        &mut self,
        entry: Entry,
        transactions: isonomy_chain::Transactions,
    ) -> anyhow::Result<Hash> {
        let id = entry.header.id();
        let valid = self.chain.follow(vec![entry])?.run().valid;
        self.chain.import(valid.into_iter().next().context("the header is invalid")?)?;
        ensure!(self.chain.import_body(id, transactions), "the body is not taken");
        let executed = self.chain.execute(id).context("not to execute")?.run();
        self.chain.executed(id, executed);
        self.chain.adopt(id).context("the block is invalid")?;
        Ok(id)
    }

    /// As the node does: what lies deep enough, once it is enough.
    fn flush(&mut self) -> anyhow::Result<()> {
        let (best, base) = (self.chain.best(), self.chain.base().height);
        let settled = best.height.saturating_sub(self.args.base_depth);
        if settled.saturating_sub(base) < self.args.flush_blocks {
            return Ok(());
        }
        let depth = usize::try_from(best.height - settled)?;
        let id = self.chain.ancestry(best.id).nth(depth).context("no such ancestor")?;
        let flush = self.chain.finalise(id).context("not to finalise")?;
        let view = self.disk.flush(&flush)?;
        self.chain.rebase(id, view);
        Ok(())
    }

    /// The best block's height and root.
    pub(crate) fn best(&self) -> anyhow::Result<(u64, Hash)> {
        let best = self.chain.best();
        let header = self.chain.header(&best.id).context("no header")?;
        Ok((best.height, header.state_root))
    }
}
