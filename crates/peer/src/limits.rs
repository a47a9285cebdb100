//! Every limit of this protocol, and the attack it stops.
use isonomy_crypto::Hash;
use isonomy_types::{
    BODY_BYTES_MAX, CERTIFICATE_BYTES_MAX, MEMBERS_MAX, SEAL_BYTES_MAX, TRANSACTION_BYTES_MAX,
};

/// Version of this protocol. Nodes of different versions do not talk.
pub const PROTOCOL_VERSION: u16 = 1;

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

/// How much this node gives to its peers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Links at once, hands shaken or not. Memory is proportional to it.
    pub links: usize,
    /// Bytes a second of what a link says unasked; eight seconds' worth may come at once. What was
    /// asked for is limited by the asking.
    pub bytes_per_s: u64,
    /// Messages a second that a link says unasked; four seconds' worth may come at once
    /// (CVE-2023-40591, ping flood).
    pub messages_per_s: u64,
    /// Questions of a link that are answered a second. More wait, up to a bound.
    pub answers_per_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { links: 128, bytes_per_s: 2 << 20, messages_per_s: 1_000, answers_per_s: 2_000 }
    }
}
