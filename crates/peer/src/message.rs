use crate::NetAddress;
use crate::limits::{
    ADDRESSES_MAX, ANNOUNCE_ENTRIES_MAX, ANNOUNCE_IDS_MAX, HEADERS_MAX, LOCATOR_MAX,
    TRANSACTIONS_ASKED_MAX,
};
use alloc::vec::Vec;
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Hash;
use isonomy_types::{
    BODY_BYTES_MAX, Blob, EngineMessage, Entry, List, TRANSACTION_BYTES_MAX, Text,
};

/// An encoded body. It stays encoded until a job decodes it.
pub type BodyBytes = Blob<{ BODY_BYTES_MAX as usize }>;
/// An encoded transaction, likewise.
pub type TransactionBytes = Blob<TRANSACTION_BYTES_MAX>;

/// The first message on a link, from both ends at once.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION). Stands first in every version.
    pub version: u16,
    /// Id of the chain.
    pub genesis: Hash,
    /// Random for each start of a node: it recognises its own.
    pub nonce: u64,
    /// Height of its best block, a claim.
    pub height: u64,
    /// The port on which it accepts links, if it does.
    pub listening: Option<u16>,
    /// Name and version of the software, for people.
    pub agent: Text<64>,
}

/// What peers say to each other. On the wire a frame: the length of what follows as four bytes,
/// little-endian, then this, whose first byte is its kind. Unknown kinds can be skipped.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum Message {
    /// Kind 0. First, and only then.
    Hello(Hello),
    /// Kind 1. Are you there?
    Ping {
        /// To be sent back.
        nonce: u64,
    },
    /// Kind 2. Answers a ping.
    Pong {
        /// The ping's.
        nonce: u64,
    },
    /// Kind 3. What follows the first of these that you know?
    GetHeaders {
        /// Blocks known to the one who asks, best first.
        locator: List<Hash, LOCATOR_MAX>,
    },
    /// Kind 4. Answers `GetHeaders`; empty if nothing follows.
    Headers {
        /// Oldest first.
        entries: List<Entry, HEADERS_MAX>,
    },
    /// Kind 5. News, unasked.
    NewHeaders {
        /// Oldest first.
        entries: List<Entry, ANNOUNCE_ENTRIES_MAX>,
    },
    /// Kind 6. What is in this block?
    GetBody {
        /// The block.
        id: Hash,
    },
    /// Kind 7. Answers `GetBody`.
    Body {
        /// The block.
        id: Hash,
        /// Its body, encoded.
        bytes: BodyBytes,
    },
    /// Kind 8. Answers `GetBody`: not here (any more), ask another.
    NoBody {
        /// The block.
        id: Hash,
    },
    /// Kind 9. I have transactions with these ids.
    Announce {
        /// Transaction ids.
        ids: List<Hash, ANNOUNCE_IDS_MAX>,
    },
    /// Kind 10. Send me these.
    GetTransactions {
        /// Transaction ids.
        ids: List<Hash, TRANSACTIONS_ASKED_MAX>,
    },
    /// Kind 11. Answers `GetTransactions` with those that are there.
    Transactions {
        /// Ids that were asked, and the encoded transactions.
        items: List<(Hash, TransactionBytes), TRANSACTIONS_ASKED_MAX>,
    },
    /// Kind 12. Whom else do you know?
    GetAddresses,
    /// Kind 13. Answers `GetAddresses`.
    Addresses {
        /// Where nodes are said to accept links.
        addresses: List<NetAddress, ADDRESSES_MAX>,
    },
    /// Kind 14. What the engines say.
    Engine {
        /// Read by engines alone.
        message: EngineMessage,
    },
}

impl Message {
    /// The frame that carries it.
    #[must_use]
    pub fn to_frame(&self) -> Vec<u8> {
        let mut frame = Vec::from([0; 4]);
        // Writing to memory cannot fail, and every message is far shorter than 2³² bytes.
        let _ = self.serialize(&mut frame);
        let length = u32::try_from(frame.len().saturating_sub(4)).unwrap_or(u32::MAX);
        for (place, byte) in frame.iter_mut().zip(length.to_le_bytes()) {
            *place = byte;
        }
        frame
    }
}
