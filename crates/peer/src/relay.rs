use alloc::collections::{BTreeMap, BTreeSet};
use isonomy_crypto::Hash;
use isonomy_types::Mono;

/// Keys of engine messages that are remembered, each until it expires. When all are taken, the
/// one that expires first makes room (CVE-2024-52915).
pub const RELAYED_MAX: usize = 65_536;
/// The longest that a key is remembered, in milliseconds, whatever an engine was told (attack 69).
pub const RELAY_MS_MAX: u64 = 600_000;

/// Lets an engine's message out once.
#[derive(Default)]
pub(crate) struct Relay {
    until: BTreeMap<Hash, Mono>,
    order: BTreeSet<(Mono, Hash)>,
}

impl Relay {
    /// Whether `key` was not relayed before; from now on it was, until it expires.
    pub(crate) fn first(&mut self, now: Mono, key: Hash, expires: Mono) -> bool {
        self.expire(now);
        if expires <= now || self.until.contains_key(&key) {
            return false;
        }
        if self.until.len() >= RELAYED_MAX
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.until.remove(&oldest);
        }
        let until = expires.min(now.plus(RELAY_MS_MAX));
        self.until.insert(key, until);
        self.order.insert((until, key))
    }

    pub(crate) fn len(&self) -> usize {
        self.until.len()
    }

    fn expire(&mut self, now: Mono) {
        while let Some((until, key)) = self.order.first().copied()
            && until <= now
        {
            self.order.pop_first();
            self.until.remove(&key);
        }
    }
}
