//! Propose, search, seal.
use super::{Mine, Settings, Work, WorkSeal};
use crate::{Ask, Output, Trail};
use alloc::collections::VecDeque;
use isonomy_types::{Header, Mono};

/// Milliseconds to search under one template. Then the next is asked for, so that new transactions
/// get in.
pub const PROPOSE_AGAIN_MS: u64 = 10_000;

/// Milliseconds to wait for a template. Longer than the slowest block takes to execute, so that it
/// gets made; an answer that never comes stalls nothing for longer.
pub const PROPOSE_LOST_MS: u64 = 150_000;

/// Milliseconds to the next attempt when there was no template.
pub const PROPOSE_RETRY_MS: u64 = 1_000;

/// Looks for a block on one parent at a time.
pub(super) struct Miner {
    work: Work,
    tries: u64,
    extra: u64,
    /// Counts the templates asked for. The newest alone matters.
    ask: Ask,
    parent: Option<Trail>,
    stage: Stage,
    again: Mono,
}

enum Stage {
    /// No answer is outstanding.
    Idle,
    Proposing,
    Searching(Mine),
}

impl Miner {
    pub(super) fn new(work: Work, settings: &Settings) -> Self {
        Self {
            work,
            tries: settings.tries.max(1),
            extra: settings.extra,
            ask: Ask(0),
            parent: None,
            stage: Stage::Idle,
            again: Mono(0),
        }
    }

    /// When it wants to propose again.
    pub(super) fn deadline(&self) -> Option<Mono> {
        self.parent.as_ref().map(|_| self.again)
    }

    /// Moves to another parent, or stops.
    pub(super) fn mine_on(
        &mut self,
        now: Mono,
        parent: Option<&Trail>,
        out: &mut VecDeque<Output>,
    ) {
        if self.parent.as_ref().map(|old| old.id) != parent.map(|new| new.id) {
            self.parent = parent.cloned();
            self.propose(now, out);
        }
    }

    pub(super) fn tick(&mut self, now: Mono, out: &mut VecDeque<Output>) {
        if self.deadline().is_some_and(|again| now >= again) {
            self.propose(now, out);
        }
    }

    fn propose(&mut self, now: Mono, out: &mut VecDeque<Output>) {
        if !matches!(self.stage, Stage::Idle) {
            self.stage = Stage::Idle;
            out.push_back(Output::Cancel { ask: self.ask });
        }
        let Some(parent) = &self.parent else { return };
        self.ask = Ask(self.ask.0.wrapping_add(1));
        self.stage = Stage::Proposing;
        self.again = now.plus(PROPOSE_LOST_MS);
        out.push_back(Output::Propose { ask: self.ask, parent: parent.id });
    }

    pub(super) fn proposed(
        &mut self,
        now: Mono,
        ask: Ask,
        header: &Header,
        out: &mut VecDeque<Output>,
    ) {
        if ask != self.ask || !matches!(self.stage, Stage::Proposing) {
            return;
        }
        let parent = self.parent.as_ref().filter(|parent| parent.id == header.parent);
        let Some(Ok(target)) = parent.map(|parent| self.work.target(parent)) else {
            return self.failed(now, ask);
        };
        self.again = now.plus(PROPOSE_AGAIN_MS);
        let (seal_hash, extra, tries) = (header.seal_hash(), self.extra, self.tries);
        self.search(Mine { target, seal_hash, extra, from: 0, tries }, out);
    }

    pub(super) fn failed(&mut self, now: Mono, ask: Ask) {
        if ask == self.ask && !matches!(self.stage, Stage::Idle) {
            self.stage = Stage::Idle;
            self.again = now.plus(PROPOSE_RETRY_MS);
        }
    }

    /// A slice is done. Once sealed, the block comes back as executed, or the next template is
    /// asked for when its time has come.
    pub(super) fn mined(
        &mut self,
        now: Mono,
        ask: Ask,
        nonce: Option<u64>,
        out: &mut VecDeque<Output>,
    ) {
        let Stage::Searching(mine) = &self.stage else { return };
        if ask != self.ask {
            return;
        }
        match nonce {
            Some(nonce) => {
                let seal = WorkSeal { nonce, extra: mine.extra }.seal();
                self.stage = Stage::Idle;
                self.again = now.plus(PROPOSE_AGAIN_MS);
                out.push_back(Output::Seal { ask, seal });
            }
            None => self.search(mine.next(), out),
        }
    }

    fn search(&mut self, mine: Mine, out: &mut VecDeque<Output>) {
        out.push_back(Output::Mine { ask: self.ask, mine: mine.clone() });
        self.stage = Stage::Searching(mine);
    }
}
