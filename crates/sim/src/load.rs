//! Steady traffic on a calm network, for measuring how fast the simulator is.
use crate::coin::Coin;
use crate::work::{ChainError, HASHES, Role};
use crate::{Settings, Sim, Stats};

/// Wallets that send.
const WALLETS: usize = 20;
/// Hosts that mine, at most.
const MINERS_MAX: usize = 8;
/// Virtual milliseconds between two blocks.
const INTERVAL_MS: u64 = 5_000;

/// A network and its traffic, set up and not yet run.
pub struct Load {
    sim: Sim,
    coin: Coin,
    per_second: u64,
    sent: usize,
}

impl Load {
    /// So many `nodes`, each of which calls three others, and so many transfers a virtual second.
    ///
    /// # Errors
    /// See [`ChainError`].
    pub fn new(seed: u64, nodes: usize, per_second: u64) -> Result<Self, ChainError> {
        let coin = Coin::new(WALLETS)?;
        let miners = nodes.min(MINERS_MAX);
        let hashes = u64::try_from(HASHES).unwrap_or(u64::MAX);
        let hash_ms = INTERVAL_MS.saturating_mul(miners as u64) / hashes;
        let mut sim =
            Sim::new(Settings { seed, hash_ms, ..Settings::default() }, coin.spec.clone());
        for host in 0..nodes {
            let next = |far: usize| Sim::address_of((host + far) % nodes);
            let (mining, peers) = (host < miners, vec![next(1), next(7), next(31)]);
            let role = Role { mining, peers, ..Role::default() };
            sim.add(coin.maker(role), Vec::new());
        }
        Ok(Self { sim, coin, per_second, sent: 0 })
    }

    /// Runs for so many virtual seconds. What happened since the beginning: `inputs` are the
    /// messages that nodes handled, answers to their jobs and timers among them.
    pub fn run(&mut self, seconds: u64) -> Stats {
        for _ in 0..seconds.saturating_mul(self.per_second) {
            self.send();
            self.sim.run_for(1_000 / self.per_second.max(1));
        }
        self.sim.stats()
    }

    /// Each wallet always asks the same host, so that its transfers come in order.
    fn send(&mut self) {
        let turn = self.sent % self.coin.wallets.len().max(1);
        let Some(to) = self.coin.wallets.first().map(|wallet| wallet.address()) else { return };
        let Some(wallet) = self.coin.wallets.get_mut(turn) else { return };
        let transfer = wallet.transfer(to, 1);
        self.sim.submit(turn % self.sim.hosts().len().max(1), transfer);
        self.sent = self.sent.saturating_add(1);
    }

    /// The run.
    #[must_use]
    pub const fn sim(&self) -> &Sim {
        &self.sim
    }
}
