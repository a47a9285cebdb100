//! How much is held, and how much can be.
use super::{Connection, Peers};
use crate::announcements::{ANNOUNCE_QUEUE_MAX, KNOWN_MAX};
use crate::bodies::WANTED_MAX;
use crate::headers::SHOWN_MAX;
use crate::relay::RELAYED_MAX;
use crate::requests::{CHECKED_MAX, LINK_REQUESTS_MAX, OFFERS_MAX};
use crate::serve::ASKS_MAX;
use crate::{Direction, LOCATOR_MAX, Limits, TRANSACTIONS_ASKED_MAX, Violation};
use isonomy_types::Link;

/// What a link costs by being open: its places in the duties' tables, and small queues.
const LINK_COST: usize = 8_192;
/// What an id costs in an ordered set whose nodes are half full.
const ID_COST: usize = 72;
/// What a transaction that is followed costs, and the timer that some of them have.
const TRACK_COST: usize = 304;
const TIMER_COST: usize = 80;
/// What a wanted body costs, its timer included, and each link that was tried for it.
const WANT_COST: usize = 448;
const TRIED_COST: usize = 24;
/// What a relayed key costs.
const RELAYED_COST: usize = 192;

/// What is remembered of one link at the most: reached if it announces as much as it may, answers
/// little of it, and asks as much as it may.
pub(crate) const REMEMBERED_BYTES_MAX: usize = {
    let asked = LINK_REQUESTS_MAX * TRANSACTIONS_ASKED_MAX;
    let asks = ASKS_MAX * (LOCATOR_MAX + 1);
    let tracks = OFFERS_MAX + asked + CHECKED_MAX;
    let ids = 2 * SHOWN_MAX + KNOWN_MAX + ANNOUNCE_QUEUE_MAX + tracks + asks;
    LINK_COST + ids * ID_COST + tracks * (TRACK_COST + TIMER_COST)
};
/// What is remembered for all links together.
pub(crate) const SHARED_BYTES_MAX: usize = WANTED_MAX * WANT_COST + RELAYED_MAX * RELAYED_COST;
/// Bytes that come or are sent between two looks at what all links hold, so that looking costs
/// little. A byte of an announcement costs fifteen in memory: by so much [`Limits::bytes`] may be
/// passed for a moment.
const LOOK_BYTES: u64 = 256 * 1024;

impl Peers {
    /// Hangs up on the costliest while all hold more than they may. Of those that others dialled
    /// first: an attacker's links are among them.
    pub(super) fn weigh(&mut self) {
        let moved = self.received.saturating_add(self.out.taken());
        if moved.saturating_sub(self.weighed) < LOOK_BYTES {
            return;
        }
        self.weighed = moved;
        let (mut all, limit) = (self.buffered(), self.config.limits.bytes);
        while all > limit {
            let cost = |(link, connection): (&Link, &Connection)| {
                let inbound = connection.info.direction == Direction::Inbound;
                (inbound, self.held(*link, connection), *link)
            };
            let Some((_, got, link)) = self.links.iter().map(cost).max() else { return };
            self.out.close(link, Violation::Costly { got, limit });
            self.settle();
            all = self.buffered();
        }
    }

    /// Bytes held for peers, once [`poll`](Self::poll) gives nothing more. Never above
    /// [`Limits::buffered_bytes_max`]. Takes time proportional to the number of links.
    #[must_use]
    pub fn buffered(&self) -> usize {
        let (wanted, tried) = self.bodies.held();
        let shared = [
            (self.requests.tracks(), TRACK_COST),
            (self.requests.timers(), TIMER_COST),
            (wanted, WANT_COST),
            (tried, TRIED_COST),
            (self.relay.len(), RELAYED_COST),
        ];
        let links = self.links.iter().map(|(link, connection)| self.held(*link, connection));
        links.fold(total(&shared), usize::saturating_add)
    }

    fn held(&self, link: Link, connection: &Connection) -> usize {
        let ids = [
            (self.serve.held(link), ID_COST),
            (self.headers.held(link), ID_COST),
            (self.announcements.held(link), ID_COST),
            (self.requests.held(link), ID_COST),
            (1, LINK_COST),
        ];
        let bytes = connection.frames.held().saturating_add(self.out.held(link));
        total(&ids).saturating_add(bytes)
    }
}

impl Limits {
    /// The most that [`Peers::buffered`] can be, whatever [`bytes`](Self::bytes) says: every link at
    /// its worst.
    #[must_use]
    pub fn buffered_bytes_max(&self) -> usize {
        let tried = WANTED_MAX.saturating_mul(self.links);
        let links = self.links.saturating_mul(self.link_bytes);
        total(&[(tried, TRIED_COST)]).saturating_add(links).saturating_add(SHARED_BYTES_MAX)
    }
}

/// The sum of counts times costs.
fn total(parts: &[(usize, usize)]) -> usize {
    let costs = parts.iter().map(|(count, cost)| count.saturating_mul(*cost));
    costs.fold(0, usize::saturating_add)
}
