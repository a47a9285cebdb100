//! Who dials whom: directly, or through a proxy that is late.
use crate::delay::{Delay, Lateness};
use crate::place::io;
use crate::{DevnetError, Latency};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

/// The way from each node to each other.
pub(crate) struct Links {
    latency: Latency,
    seed: u64,
    /// By who dials and who is dialled.
    delays: BTreeMap<(usize, usize), Delay>,
}

impl Links {
    pub(crate) const fn new(latency: Latency, seed: u64) -> Self {
        Self { latency, seed, delays: BTreeMap::new() }
    }

    /// Whether nodes must be told whom to dial, and dial nobody else: addresses that they tell each
    /// other lead around the proxies.
    pub(crate) fn are_late(&self) -> bool {
        self.latency != Latency::None
    }

    /// Where `from` must dial to reach `to`, which listens there.
    pub(crate) async fn way(
        &mut self,
        from: usize,
        (to, listen): (usize, SocketAddr),
    ) -> Result<SocketAddr, DevnetError> {
        let Some(late) = Lateness::of(self.latency, self.seed, from, to) else { return Ok(listen) };
        if let Some(delay) = self.delays.get(&(from, to)) {
            delay.aim(listen);
            return Ok(delay.address());
        }
        let started = Delay::start(listen, late, self.seed).await;
        let delay = started.map_err(io(Path::new("a loopback port")))?;
        let address = delay.address();
        self.delays.insert((from, to), delay);
        Ok(address)
    }

    /// Milliseconds that bytes take at least between two nodes, one way.
    pub(crate) fn one_way_ms(&self, one: usize, other: usize) -> Option<u64> {
        Lateness::of(self.latency, self.seed, one, other).map(Lateness::one_way_ms)
    }

    /// A node has left for good.
    pub(crate) fn forget(&mut self, node: usize) {
        self.delays.retain(|(from, to), _| *from != node && *to != node);
    }
}
