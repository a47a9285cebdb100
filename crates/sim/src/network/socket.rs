use super::End;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one end of a link knows: what it sent and what it has received.
pub(crate) struct Socket {
    pub(super) own: End,
    pub(super) peer: End,
    /// From this end to the other.
    pub(super) latency_ms: u64,
    next: u64,
    pub(super) unacked: BTreeMap<u64, Arc<[u8]>>,
    /// The first packet that has not come.
    pub(super) expected: u64,
    /// Those that came before their turn.
    held: BTreeMap<u64, Arc<[u8]>>,
}

impl Socket {
    pub(super) fn new(own: End, peer: End, latency_ms: u64) -> Self {
        Self {
            own,
            peer,
            latency_ms,
            next: 0,
            unacked: BTreeMap::new(),
            expected: 0,
            held: BTreeMap::new(),
        }
    }

    pub(super) fn enqueue(&mut self, piece: &[u8]) -> u64 {
        let seq = self.next;
        self.next = seq.saturating_add(1);
        self.unacked.insert(seq, piece.into());
        seq
    }

    /// What of the stream has come with this packet: nothing if it is a copy or before its turn.
    pub(super) fn receive(&mut self, seq: u64, bytes: Arc<[u8]>) -> Vec<u8> {
        if seq >= self.expected {
            self.held.insert(seq, bytes);
        }
        let mut fresh = Vec::new();
        while let Some(bytes) = self.held.remove(&self.expected) {
            fresh.extend_from_slice(&bytes);
            self.expected = self.expected.saturating_add(1);
        }
        fresh
    }

    /// How many bytes that frees.
    pub(super) fn acknowledged(&mut self, next: u64) -> usize {
        let later = self.unacked.split_off(&next);
        let gone = std::mem::replace(&mut self.unacked, later);
        gone.values().map(|bytes| bytes.len()).sum()
    }
}
