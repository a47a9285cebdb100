use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{
    Amount, Blob, EVENT_BYTES_MAX, EVENT_KEY_BYTES_MAX, EVENT_KEYS_MAX, EVENTS_MAX, Encode, List,
    ModuleId,
};
use serde::{Deserialize, Serialize};

const LEAF: Domain = Domain::new("isonomy receipt leaf 1");

/// What a module says happened: a payload in bytes that only it can read, and keys under which
/// whoever keeps receipts can find it.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Event {
    /// Who says it.
    pub module: ModuleId,
    /// Whom and what it concerns, in the module's own order, for indexes.
    pub keys: List<Blob<EVENT_KEY_BYTES_MAX>, EVENT_KEYS_MAX>,
    /// What.
    pub payload: Blob<EVENT_BYTES_MAX>,
}

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
    pub events: List<Event, EVENTS_MAX>,
}

impl Receipt {
    /// Its place in the receipts' tree: the hash of every field.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        self.digest(&LEAF)
    }
}
