//! Every limit of this protocol, and the attack it stops.
use crate::peers::{REMEMBERED_BYTES_MAX, SHARED_BYTES_MAX};
use isonomy_crypto::Hash;
use isonomy_types::{
    BODY_BYTES_MAX, CERTIFICATE_BYTES_MAX, MEMBERS_MAX, SEAL_BYTES_MAX, TRANSACTION_BYTES_MAX,
};

/// Version of this protocol. Nodes of different versions do not talk.
pub const PROTOCOL_VERSION: u16 = 2;

/// Bytes of a frame before hands are shaken: with the four bytes of its length 1 KiB, so that
/// strangers cost no memory (CVE-2015-3641).
pub const HANDSHAKE_FRAME_BYTES_MAX: usize = 1_020;
/// Bytes of the longest frame: the largest body, or as many of the largest transactions as one
/// request asks for, with what stands around them (CVE-2026-40881).
pub const FRAME_BYTES_MAX: usize = BODY_BYTES_MAX as usize + 65_536;
/// Bytes of a frame of unknown kind. It is skipped and never held.
pub const SKIPPED_FRAME_BYTES_MAX: usize = 65_536;
/// Bytes of the largest [`Entry`](isonomy_types::Entry).
pub const ENTRY_BYTES_MAX: usize = {
    let header = 1 + 7 * Hash::LEN + 8 + 8 + 4 + SEAL_BYTES_MAX;
    let authority = 1 + 4 + 4 + MEMBERS_MAX * (32 + 8);
    let certificate = 1 + 4 + CERTIFICATE_BYTES_MAX;
    header + authority + certificate
};

/// Hashes of one locator: dense near the tip, then ever sparser, they reach any height.
pub const LOCATOR_MAX: usize = 64;
/// Entries of one answer, so that one question costs one bounded read.
pub const HEADERS_MAX: usize = 512;
/// Entries of one announcement: a new block and a few before it, or a short reorganisation.
/// More must be asked for (CVE-2019-25220).
pub const ANNOUNCE_ENTRIES_MAX: usize = 8;
/// Transaction ids of one announcement (CVE-2024-52915).
pub const ANNOUNCE_IDS_MAX: usize = 1_024;
/// Transactions of one request: as many of the largest as fit one frame, so that an answer is
/// never cut.
pub const TRANSACTIONS_ASKED_MAX: usize = BODY_BYTES_MAX as usize / TRANSACTION_BYTES_MAX;
/// Addresses of one answer, so that no peer fills an address book alone (eclipse).
pub const ADDRESSES_MAX: usize = 256;

/// Bytes that wait for a link above which it is not served: who does not read gets no answers.
pub const SERVE_BELOW_BYTES: usize = 256 * 1024;
/// The least [`Limits::link_bytes`]: a frame that comes, the largest answer while others wait, and
/// what is remembered of a link.
pub const LINK_BYTES_MIN: usize =
    FRAME_BYTES_MAX + FRAME_BYTES_MAX + 2 * SERVE_BELOW_BYTES + REMEMBERED_BYTES_MAX;
/// The least [`Limits::bytes`]: a few links at their worst, and what is remembered for all of them.
pub const BYTES_MIN: usize = 4 * LINK_BYTES_MIN + SHARED_BYTES_MAX;
/// The most links, so that what is done for each of them stays quick.
pub const LINKS_MAX: usize = 4_096;

/// How much this node gives to its peers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Links at once, hands shaken or not. Memory is proportional to it.
    pub links: usize,
    /// Of them, those that others dialled. Fewer than all, so that strangers who dial cannot take
    /// the places of those whom this node dials (eclipse).
    pub inbound: usize,
    /// Bytes a second of what a link says unasked; eight seconds' worth may come at once. What was
    /// asked for is limited by the asking.
    pub bytes_per_s: u64,
    /// Messages a second that a link says unasked; four seconds' worth may come at once
    /// (CVE-2023-40591, ping flood).
    pub messages_per_s: u64,
    /// Questions of a link that are answered a second. More wait, up to a bound.
    pub answers_per_s: u64,
    /// Bytes of memory that one link may cost: the frame that comes, what waits to be sent, what is
    /// remembered. Whoever lets more wait is closed (CVE-2018-17145).
    pub link_bytes: usize,
    /// Bytes of memory that all links together may cost. Beyond it the costliest is closed, those
    /// that others dialled first, so that many who stall cannot do together what one cannot.
    pub bytes: usize,
    /// How long a link may take to say hello, in milliseconds: who says nothing does not keep a
    /// place (slow-loris).
    pub handshake_ms: u64,
    /// How long a link may be slower than [`least_bytes_per_s`](Self::least_bytes_per_s), in
    /// milliseconds, while something waits for it or a frame of it is half here.
    pub slow_ms: u64,
    /// The least speed of a link that has something to read or has begun to send, in bytes a second.
    pub least_bytes_per_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            links: 128,
            inbound: 112,
            bytes_per_s: 2 << 20,
            messages_per_s: 1_000,
            answers_per_s: 2_000,
            link_bytes: 14 << 20,
            bytes: 512 << 20,
            handshake_ms: 10_000,
            slow_ms: 30_000,
            least_bytes_per_s: 4_096,
        }
    }
}

/// A limit that makes no sense.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{key} = {got}, expected {least} to {most}")]
pub struct LimitError {
    /// The field's name.
    pub key: &'static str,
    /// Its value.
    pub got: u64,
    /// The least that makes sense.
    pub least: u64,
    /// The most that makes sense.
    pub most: u64,
}

impl LimitError {
    /// Refuses `got` unless it is within bounds.
    ///
    /// # Errors
    /// If it is not.
    pub fn unless(key: &'static str, got: u64, least: u64, most: u64) -> Result<(), Self> {
        let fits = least <= got && got <= most;
        fits.then_some(()).ok_or(Self { key, got, least, most })
    }
}

impl Limits {
    /// Whether each limit makes sense. The machine works within any, but a node with such limits
    /// may keep no link.
    ///
    /// # Errors
    /// Names the first that does not.
    pub fn check(&self) -> Result<(), LimitError> {
        const DAY_MS: u64 = 86_400_000;
        let count = |value: usize| value as u64;
        let table = [
            ("links", count(self.links), 1, count(LINKS_MAX)),
            ("inbound", count(self.inbound), 0, count(self.links)),
            ("bytes_per_s", self.bytes_per_s, 65_536, 1 << 40),
            ("messages_per_s", self.messages_per_s, 10, 1 << 20),
            ("answers_per_s", self.answers_per_s, 1, 1 << 20),
            ("link_bytes", count(self.link_bytes), count(LINK_BYTES_MIN), 1 << 32),
            ("bytes", count(self.bytes), count(BYTES_MIN), 1 << 44),
            ("handshake_ms", self.handshake_ms, 100, DAY_MS),
            ("slow_ms", self.slow_ms, 1_000, DAY_MS),
            ("least_bytes_per_s", self.least_bytes_per_s, 1, 1 << 30),
        ];
        table
            .into_iter()
            .try_for_each(|(key, got, least, most)| LimitError::unless(key, got, least, most))
    }

    /// Bytes that may wait to be sent to one link.
    #[must_use]
    pub const fn backlog_bytes(&self) -> usize {
        self.link_bytes.saturating_sub(FRAME_BYTES_MAX + REMEMBERED_BYTES_MAX)
    }
}
