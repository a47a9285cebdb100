//! The height that is being agreed on, and its clock.
use crate::rules::leader;
use crate::votes::Votes;
use isonomy_consensus::Trail;
use isonomy_crypto::PublicKey;
use isonomy_types::{Authority, Committee, Mono};
use std::sync::Arc;

/// Milliseconds until the leader of a round proposes: others tell it first what they prepared.
const PACE_MS: u64 = 100;
/// Milliseconds of the first round of a height …
const ROUND_MS: u64 = 1_500;
/// … and how much longer each next one is, so that some are long enough.
const LONGER_MS: u64 = 500;

pub(crate) struct Height {
    /// The newest final block.
    pub(crate) tip: Trail,
    /// Binds its child.
    pub(crate) authority: Arc<Authority>,
    pub(crate) round: u32,
    /// When the round began.
    pub(crate) since: Mono,
    pub(crate) votes: Votes,
    /// The last round in which a template was asked for.
    pub(crate) tried: Option<u32>,
}

impl Height {
    pub(crate) fn new(tip: Trail, authority: Arc<Authority>) -> Self {
        let votes = Votes::new(tip.height.saturating_add(1));
        Self { tip, authority, round: 0, since: Mono(0), votes, tried: None }
    }

    pub(crate) const fn number(&self) -> u64 {
        self.tip.height.saturating_add(1)
    }

    pub(crate) fn committee(&self) -> &Committee {
        &self.authority.committee
    }

    pub(crate) fn leader(&self) -> Option<PublicKey> {
        leader(self.committee(), self.number(), self.round)
    }

    pub(crate) const fn lead_at(&self) -> Mono {
        self.since.plus(PACE_MS)
    }

    pub(crate) const fn ends(&self) -> Mono {
        self.since.plus(ROUND_MS.saturating_add(LONGER_MS.saturating_mul(self.round as u64)))
    }
}
