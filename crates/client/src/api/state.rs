//! The state after one block: accounts, coins, and proofs of any keys.
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, Blob, KEY_BYTES_MAX, List, VALUE_BYTES_MAX};
use serde::{Deserialize, Serialize};

/// Keys of one proof: so many of the longest values still fit one answer in hex. Stops one question
/// from keeping a thread of the node's busy.
pub const PROVE_KEYS_MAX: usize = 32;
/// Bytes of one proof: three lists, and for each key a leaf of another key and 256 siblings with their
/// marks. More is never needed.
pub const PROOF_BYTES_MAX: usize = 3 * 4 + PROVE_KEYS_MAX * (3 + 64 + 256 / 8 + 256 * 32);

/// The block after which a state was read. It is of the best branch at that moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct At {
    /// The block's height.
    pub height: u64,
    /// The block's id.
    pub block: Hash,
}

/// For `account`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountQuestion {
    /// Whose account.
    pub address: Address,
    /// After which block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// One account, to `account`. One that nobody has used yet is empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountReply {
    /// When.
    pub at: At,
    /// Whose.
    pub address: Address,
    /// What it holds of the chain's coin.
    pub balance: Amount,
    /// The hash of its policy. `None`: still the first policy, whose hash is the address.
    pub policy: Option<Hash>,
    /// Lanes that were used, ascending.
    pub lanes: Vec<LaneReply>,
    /// The next counter of lane 0, for the next transaction: after all that waits in the mempool, or
    /// as it stood at the height that was asked about.
    pub next: u64,
}

/// A lane and its next counter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LaneReply {
    /// The lane.
    pub lane: u16,
    /// The counter of its next transaction, not counting what waits.
    pub next: u64,
}

/// For `balance`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalanceQuestion {
    /// Whose.
    pub address: Address,
    /// Of which asset. `None`: of the chain's coin.
    #[serde(default)]
    pub asset: Option<Hash>,
    /// After which block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// What an account holds of one asset, to `balance`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BalanceReply {
    /// When.
    pub at: At,
    /// How much.
    pub balance: Amount,
    /// Whether the asset's issuer keeps the account from giving and receiving it.
    pub frozen: bool,
}

/// For `supply`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyQuestion {
    /// After which block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// What there is of the chain's coin, to `supply`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SupplyReply {
    /// When.
    pub at: At,
    /// Every coin there is.
    pub supply: Amount,
}

/// For `prove`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProveQuestion {
    /// Which keys, at least one: those of the state, each beginning with its module's id.
    pub keys: List<Blob<KEY_BYTES_MAX>, PROVE_KEYS_MAX>,
    /// After which block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// What the state holds under some keys, and its proof, to `prove`. A [`Proof`](crate::Proof) checks
/// it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProveReply {
    /// When.
    pub at: At,
    /// The values in the order of the keys. `None`: the state has no such key.
    pub values: List<Option<Blob<VALUE_BYTES_MAX>>, PROVE_KEYS_MAX>,
    /// The bytes of a [`StateProof`](isonomy_crypto::StateProof) against that block's state root.
    pub proof: Blob<PROOF_BYTES_MAX>,
}
