//! The peer, on one thread as far as it lets itself: its page cache and writers have their own.
use crate::load::{KEYS, Pairs};
use nomt::hasher::Blake3Hasher;
use nomt::{KeyReadWrite, Nomt, Options, SessionParams};
use std::path::Path;

pub(crate) struct Peer(Nomt<Blake3Hasher>);

impl Peer {
    pub(crate) fn open(dir: &Path) -> anyhow::Result<Self> {
        let mut options = Options::new();
        options.path(dir);
        options.commit_concurrency(1);
        options.io_workers(1);
        options.hashtable_buckets((KEYS * 2).try_into()?);
        Ok(Self(Nomt::open(options)?))
    }

    /// Durable when this returns.
    pub(crate) fn commit(&self, pairs: Pairs) -> anyhow::Result<()> {
        let session = self.0.begin_session(SessionParams::default());
        let write = |(key, value): (_, [u8; 40])| {
            session.warm_up(key);
            (key, KeyReadWrite::Write(Some(value.to_vec())))
        };
        let writes = pairs.into_iter().map(write).collect();
        session.finish(writes)?.commit(&self.0)
    }
}
