use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Amount, Blob, Encode, List, ModuleId};
use serde::{Deserialize, Serialize};

const LEAF: Domain = Domain::new("isonomy receipt leaf 1");

/// Bytes of one event: room for a record, not for a file that every node would store.
pub const EVENT_BYTES_MAX: usize = 16_384;
/// Events of one receipt: a bound on what one transaction makes indexers read.
pub const EVENTS_MAX: usize = 256;

/// What a module says happened, in bytes that only it can read.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Event {
    /// Who says it.
    pub module: ModuleId,
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
