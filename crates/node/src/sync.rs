//! How far a node is, and whom it asks for headers.
use crate::Node;
use alloc::{collections::VecDeque, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_peer::PeerInfo;
use isonomy_types::Link;

/// A node that is further behind than so many blocks is catching up. Less is the usual delay of news.
pub const CATCHING_UP_BLOCKS: u64 = 8;

/// How far a node is, beside what it knows and what its peers claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sync {
    /// Height of the best block: executed, and checked in full.
    pub height: u64,
    /// The greatest height of the headers on the way to it or beyond: checked, their blocks perhaps
    /// not.
    pub headers: u64,
    /// What half of the peers claim to have, or more: no minority of liars moves it. A claim, not a
    /// fact; 0 without peers.
    pub claimed: u64,
    /// Bodies that wait to be executed.
    pub bodies: usize,
}

impl Sync {
    /// The height that this node works towards: of its headers, or what peers claim if that is more.
    #[must_use]
    pub const fn target(&self) -> u64 {
        let known = if self.headers > self.height { self.headers } else { self.height };
        if self.claimed > known { self.claimed } else { known }
    }

    /// Blocks still to come.
    #[must_use]
    pub const fn behind(&self) -> u64 {
        self.target().saturating_sub(self.height)
    }

    /// Whether it is further behind than the usual delay of news.
    #[must_use]
    pub const fn is_catching_up(&self) -> bool {
        self.behind() > CATCHING_UP_BLOCKS
    }
}

/// Whom headers are asked of: one link at a time, so that many do not send the same. The others wait
/// for their turn, each once.
#[derive(Default)]
pub(crate) struct Source {
    current: Option<Link>,
    waiting: VecDeque<Link>,
}

impl Node {
    /// How far this node is.
    #[must_use]
    pub fn sync(&self) -> Sync {
        let ready = self.peers.links().filter(|peer| peer.ready);
        let mut claims: Vec<u64> = ready.map(|peer| peer.height).collect();
        claims.sort_unstable();
        let middle = claims.len().saturating_sub(1) / 2;
        Sync {
            height: self.chain.best().height,
            headers: self.top().height.max(self.chain.best().height),
            claimed: claims.get(middle).copied().unwrap_or(0),
            bodies: self.chain.waiting_bodies(),
        }
    }

    /// Asks `link` for what follows `from`: now if nobody else is asked, else in its turn, and then
    /// for what follows the headers known by then.
    pub(crate) fn want_headers(&mut self, link: Link, from: Hash) {
        match self.source.current {
            Some(current) if current != link => {
                if !self.source.waiting.contains(&link) {
                    self.source.waiting.push_back(link);
                }
            }
            _ => {
                self.source.current = Some(link);
                self.ask_headers(link, from);
            }
        }
    }

    /// Asks for what follows `last`, out of an answer of `link`: of whoever waits for their turn first.
    /// Else one who gives a few headers at a time, each time just soon enough, would be the only one
    /// who is ever asked (attack 71).
    pub(crate) fn want_more_headers(&mut self, link: Link, last: Hash) {
        if self.source.current != Some(link) || self.source.waiting.is_empty() {
            return self.want_headers(link, last);
        }
        self.source.waiting.push_back(link);
        self.next_source(last);
    }

    /// Asks those who claim to be ahead. What was announced may have been missed.
    pub(crate) fn catch_up(&mut self) {
        let (height, top) = (self.top().height, self.top().id);
        let ahead = |peer: &PeerInfo| peer.ready && peer.height > height;
        let ahead: Vec<Link> = self.peers.links().filter(ahead).map(|peer| peer.link).collect();
        for link in ahead {
            if !self.jobs.follows(link) && !self.peers.owes_headers(link) {
                self.want_headers(link, top);
            }
        }
    }

    /// It may answer still; meanwhile another is asked.
    pub(crate) fn source_is_late(&mut self, link: Link) {
        if self.source.current == Some(link) {
            self.next_source(self.top().id);
        }
    }

    /// Whatever came of it, `link` was heard: if it owes nothing and all it said is checked, it is
    /// the next one's turn.
    pub(crate) fn source_was_heard(&mut self, link: Link) {
        let busy = self.peers.owes_headers(link) || self.jobs.follows(link);
        if self.source.current == Some(link) && !busy && !self.runs.contains_key(&link) {
            self.next_source(self.top().id);
        }
    }

    pub(crate) fn source_is_lost(&mut self, link: Link) {
        self.source.waiting.retain(|waiting| *waiting != link);
        if self.source.current == Some(link) {
            self.next_source(self.top().id);
        }
    }

    /// Asks the next whose turn it is for what follows `from`.
    fn next_source(&mut self, from: Hash) {
        self.source.current = None;
        while let Some(link) = self.source.waiting.pop_front() {
            let free = !self.peers.owes_headers(link);
            if free && self.peers.info(link).is_some_and(|peer| peer.ready) {
                return self.want_headers(link, from);
            }
        }
    }
}
