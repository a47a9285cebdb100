use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Encode, ModuleId};

const LEAF: Domain = Domain::new("isonomy receipt leaf 2");

/// What a module says happened.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Event {
    /// Who says it.
    pub module: ModuleId,
    /// Whom it concerns.
    pub keys: Vec<Vec<u8>>,
    /// What.
    pub payload: Vec<u8>,
}

/// What became of a transaction, or of a block outside of its transactions.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Receipt {
    /// The transaction's id.
    pub transaction: Hash,
    /// Zero if the actions took effect.
    pub code: u16,
    /// Meter units used.
    pub meter: u64,
    /// Coins charged.
    pub fee: u128,
    /// In order.
    pub events: Vec<Event>,
}

impl Receipt {
    /// Its place in the receipts' tree.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        let mut bytes = self.encode();
        bytes.resize(bytes.len().next_multiple_of(64), 0);
        LEAF.hash(&bytes)
    }
}
