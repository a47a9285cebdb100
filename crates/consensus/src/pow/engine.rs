use super::{Work, branches::Branches, miner::Miner};
use crate::{Engine, Input, Output};
use alloc::collections::VecDeque;
use isonomy_types::{Mono, Now};

/// With more blocks than this to execute first, a node is syncing: what it mined would be stale.
/// Not zero, so that a heavier header whose body is withheld does not stop the honest miners.
const SYNCING_BLOCKS: u64 = 8;

/// What an operator chooses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Whether to look for blocks.
    pub mining: bool,
    /// Blocks from best down to the base; [`BASE_DEPTH_MAX`](super::BASE_DEPTH_MAX) at most. A
    /// deeper reorganisation stops the node.
    pub base_depth: u64,
    /// Nonces in one [`Mine`](super::Mine), at least 1: about a tenth of a second of work.
    pub tries: u64,
    /// The first extra nonce. Only two machines that mine for one producer need it to differ.
    pub extra: u64,
}

/// The engine of proof of work: the heaviest branch is run, the heaviest executed block is best,
/// and blocks are mined on it if told to. Nothing is ever final.
///
/// What it keeps is bounded by [`HEADERS_MAX`](crate::HEADERS_MAX). It writes no records.
pub struct Pow {
    mining: bool,
    base_depth: u64,
    /// None until the store's part is told.
    branches: Option<Branches>,
    miner: Miner,
    out: VecDeque<Output>,
}

impl Pow {
    /// An engine that waits for [`Input::Restored`].
    #[must_use]
    pub fn new(work: Work, settings: Settings) -> Self {
        Self {
            mining: settings.mining,
            base_depth: settings.base_depth,
            branches: None,
            miner: Miner::new(work, &settings),
            out: VecDeque::new(),
        }
    }

    fn branch(&mut self, input: Input) {
        let out = &mut self.out;
        match (&mut self.branches, input) {
            (branches @ None, Input::Restored { tip, above, .. }) => {
                out.push_back(Output::Best(tip.id));
                branches.insert(Branches::new(self.base_depth, tip, above)).settle(out);
            }
            (Some(branches), Input::Header { trail }) => branches.header(trail, out),
            (Some(branches), Input::Executed { id, .. }) => branches.executed(id, out),
            (Some(branches), Input::Condemned { id }) => branches.condemn(id, out),
            (Some(branches), Input::Forgotten { id }) => branches.forget(&id, out),
            _ => {}
        }
    }

    fn mine(&mut self, now: Mono, input: Input) {
        let out = &mut self.out;
        match input {
            Input::Proposed { ask, header } => self.miner.proposed(now, ask, &header, out),
            Input::Failed { ask } => self.miner.failed(now, ask),
            Input::Mined { ask, nonce } => self.miner.mined(now, ask, nonce, out),
            Input::Tick => self.miner.tick(now, out),
            _ => {}
        }
    }

    fn halted(&self) -> bool {
        self.branches.as_ref().is_some_and(Branches::halted)
    }
}

impl Engine for Pow {
    fn handle(&mut self, now: Now, input: Input) {
        if self.halted() {
            return;
        }
        match input {
            Input::Message { from, .. } => {
                let why = "proof of work has no messages";
                self.out.push_back(Output::Blame { link: from, why });
            }
            Input::Proposed { .. } | Input::Failed { .. } | Input::Mined { .. } | Input::Tick => {
                self.mine(now.mono, input)
            }
            _ => self.branch(input),
        }
        if let Some(branches) = self.branches.as_ref().filter(|b| self.mining && !b.halted()) {
            let synced = branches.behind() <= SYNCING_BLOCKS;
            let parent = synced.then_some(branches.best());
            self.miner.mine_on(now.mono, parent, &mut self.out);
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Mono> {
        self.miner.deadline().filter(|_| !self.halted())
    }
}
