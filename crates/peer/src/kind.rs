//! What may be judged of a message by its first byte.
use crate::limits::{
    ADDRESSES_MAX, ANNOUNCE_ENTRIES_MAX, ANNOUNCE_IDS_MAX, ENTRY_BYTES_MAX, FRAME_BYTES_MAX,
    HANDSHAKE_FRAME_BYTES_MAX, LOCATOR_MAX, TRANSACTIONS_ASKED_MAX,
};
use crate::message::{BodyBytes, TransactionBytes};
use isonomy_crypto::Hash;
use isonomy_types::EngineMessage;

/// The numbers of the kinds that are told apart before they are decoded.
pub(crate) const HELLO: u8 = 0;
pub(crate) const HEADERS: u8 = 4;
pub(crate) const BODY: u8 = 7;
pub(crate) const TRANSACTIONS: u8 = 11;

/// Whether somebody asked for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    /// Nobody did: charged to the budget.
    News,
    /// It asks: limited where it is answered.
    Question,
    /// We did: limited by our asking.
    Answer,
}

/// A kind's longest frame, in bytes, and its manner; `None` for a kind unknown here.
pub(crate) const fn of(kind: u8) -> Option<(usize, Manner)> {
    use Manner::{Answer, News, Question};
    const LIST: usize = 1 + 4;
    const ADDRESS_BYTES_MAX: usize = 1 + 16 + 2;
    Some(match kind {
        HELLO => (HANDSHAKE_FRAME_BYTES_MAX, News),
        1 => (1 + 8, News),
        2 => (1 + 8, Answer),
        3 => (LIST + LOCATOR_MAX * Hash::LEN, Question),
        HEADERS => (FRAME_BYTES_MAX, Answer),
        5 => (LIST + ANNOUNCE_ENTRIES_MAX * ENTRY_BYTES_MAX, News),
        6 => (1 + Hash::LEN, Question),
        BODY => (LIST + Hash::LEN + BodyBytes::MAX, Answer),
        8 => (1 + Hash::LEN, Answer),
        9 => (LIST + ANNOUNCE_IDS_MAX * Hash::LEN, News),
        10 => (LIST + TRANSACTIONS_ASKED_MAX * Hash::LEN, Question),
        TRANSACTIONS => {
            (LIST + TRANSACTIONS_ASKED_MAX * (Hash::LEN + 4 + TransactionBytes::MAX), Answer)
        }
        12 => (1, Question),
        13 => (LIST + ADDRESSES_MAX * ADDRESS_BYTES_MAX, Answer),
        14 => (LIST + EngineMessage::MAX, News),
        _ => return None,
    })
}
