use crate::Events;
use alloc::vec::Vec;
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Amount, Encode};
use serde::{Deserialize, Serialize};

const LEAF: Domain = Domain::new("isonomy receipt leaf 2");

/// What became of a transaction. Codes only: text never reaches consensus.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Receipt {
    /// The transaction's id.
    pub transaction: Hash,
    /// Zero if the actions took effect, else [`Fault::code`](crate::Fault::code).
    pub code: u16,
    /// Meter units used, the intrinsic cost included.
    pub meter: u64,
    /// What the payer was charged, in the chain's coin.
    pub fee: Amount,
    /// What the modules said, in order. Actions that failed said nothing.
    pub events: Events,
}

impl Receipt {
    /// Its place in the receipts' tree: the hash of its encoding, which is padded with zeros to whole
    /// blocks of 64 bytes. So the many receipts of a block are hashed side by side.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        LEAF.hash_padded(self.encode())
    }

    /// The leaf of each.
    pub(crate) fn leaves(receipts: &[Self]) -> Vec<Hash> {
        let mut leaves = Vec::with_capacity(receipts.len());
        // Writing to memory cannot fail.
        let encode = |receipt: &&Self, to: &mut Vec<u8>| drop(receipt.encode_to(to));
        LEAF.hash_all_padded(receipts, encode, |leaf| leaves.push(leaf));
        leaves
    }
}
