//! Scenarios out of a seed.
use super::{Act, Attack, Scenario, Size, Step, WALLETS};
use crate::Dice;

/// Miners at most. The rest of the hosts follow.
const MINERS_MAX: usize = 8;
/// Virtual milliseconds of one more of each fault.
const FAULT_EVERY_MS: u64 = 600_000;
/// Blocks on average within the longest split: well within what a node can go back.
const SPLIT_BLOCKS_MAX: u64 = 16;
/// Transfers of a long run stand this far apart on average, in milliseconds.
const TRANSFER_EVERY_MS: u64 = 3_000;
/// How often a wallet asks some other host than its own.
const ROAMS_PERMILLE: u64 = 150;

struct Draw {
    dice: Dice,
    scenario: Scenario,
}

impl Scenario {
    /// A bad network, splits, crashes, late joiners, transfers and hostile outsiders, all drawn from
    /// the seed. The longer it is, the more happens.
    #[must_use]
    pub fn draw(seed: u64, size: Size) -> Self {
        let mut dice = Dice::new(seed, "scenario");
        let Size { nodes, length_ms } = size;
        let long = length_ms > FAULT_EVERY_MS;
        let scenario = Self {
            seed,
            nodes,
            miners: nodes.min(MINERS_MAX).saturating_sub(usize::from(nodes > 3)).max(1),
            length_ms,
            interval_ms: if long { 10_000 } else { dice.between(15, 40) * 100 },
            latency_ms: None,
            loss_permille: if long { 100 } else { dice.between(1, 12) * 10 },
            duplicate_permille: dice.between(1, 4) * 10,
            reorder_permille: dice.between(1, 8) * 10,
            sync_ms: dice.between(2, 60) * 10,
            skew_ms: dice.between(0, 4) * 100,
            steps: Vec::new(),
        };
        let mut draw = Draw { dice, scenario };
        draw.joins();
        for _ in 0..=length_ms / FAULT_EVERY_MS {
            draw.split();
            draw.faults();
        }
        draw.attacks();
        draw.transfers();
        draw.scenario.steps.sort_by_key(|step| step.at_ms);
        draw.scenario
    }
}

impl Draw {
    fn step(&mut self, at_ms: u64, act: Act) {
        self.scenario.steps.push(Step { at_ms, act });
    }

    /// A time between two percentages of the whole.
    fn time(&mut self, least: u64, most: u64) -> u64 {
        let percent = self.scenario.length_ms / 100;
        self.dice.between(least.saturating_mul(percent), most.saturating_mul(percent))
    }

    fn index(&mut self, below: usize) -> usize {
        let last = below.saturating_sub(1) as u64;
        usize::try_from(self.dice.between(0, last)).unwrap_or_default()
    }

    fn host(&mut self) -> usize {
        self.index(self.scenario.nodes)
    }

    /// How many hosts are there from the beginning.
    fn early(&self) -> usize {
        let Scenario { nodes, miners, .. } = self.scenario;
        nodes.saturating_sub(nodes.div_ceil(8)).max(miners)
    }

    /// Of those that do not mine, the last ones come late.
    fn joins(&mut self) {
        for host in self.early()..self.scenario.nodes {
            let at_ms = self.time(25, 60);
            self.step(at_ms, Act::Join { host });
        }
    }

    /// The first miner is on the one side, the second on the other.
    fn split(&mut self) {
        if self.scenario.miners < 2 {
            return;
        }
        let mut apart = vec![0];
        for host in 2..self.scenario.nodes {
            if self.dice.chance(450) {
                apart.push(host);
            }
        }
        let longest_ms = self.scenario.interval_ms.saturating_mul(SPLIT_BLOCKS_MAX);
        let ms = self.dice.between(longest_ms / 4, longest_ms);
        let at_ms = self.time(10, 60);
        self.step(at_ms, Act::Split { apart, ms });
    }

    fn faults(&mut self) {
        for _ in 0..self.scenario.nodes.div_ceil(2) {
            let (at_ms, host) = (self.time(5, 90), self.index(self.early()));
            let ms = self.dice.between(1_000, 20_000);
            let writing = self.dice.chance(500);
            self.step(at_ms, Act::Crash { host, writing, ms });
        }
        let (at_ms, from, to) = (self.time(5, 80), self.host(), self.host());
        let ms = self.dice.between(5_000, 60_000);
        self.step(at_ms, Act::Mute { from, to, ms });
        let (at_ms, host) = (self.time(5, 80), self.host());
        let ms = self.dice.between(3_000, 40_000);
        self.step(at_ms, Act::Deafen { host, ms });
        if self.dice.chance(500) {
            let (at_ms, host) = (self.time(5, 80), self.host());
            let ms = self.dice.between(1_000, 20_000);
            self.step(at_ms, Act::FillDisk { host, ms });
        }
    }

    fn attacks(&mut self) {
        for by in Attack::ALL {
            let (at_ms, host) = (self.time(5, 95), self.host());
            self.step(at_ms, Act::Attack { host, by });
        }
    }

    /// A wallet mostly asks the same host: others may not know yet what waits of it.
    fn transfers(&mut self) {
        let every_ms = TRANSFER_EVERY_MS.min(self.scenario.length_ms / 60).max(1);
        let mut at_ms = every_ms;
        while at_ms < self.scenario.length_ms {
            let [from, to] = [(); 2].map(|()| self.index(WALLETS));
            let roams = self.dice.chance(ROAMS_PERMILLE);
            let host = if roams { self.host() } else { from % self.scenario.miners };
            let amount = self.dice.between(1, 1_000);
            self.step(at_ms, Act::Transfer { host, from, to, amount });
            at_ms = at_ms.saturating_add(self.dice.between(1, 2 * every_ms));
        }
    }
}
