use crate::{Address, Encode, List, ModuleId, bytes::invalid};
use borsh::io::{Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash, PublicKey};

const POLICY: Domain = Domain::new("isonomy policy 1");

/// Keys in one policy: a bound on the signatures that one signer can demand of every node.
pub const POLICY_KEYS_MAX: usize = 16;

/// Who may act for an account. The kind is part of the hash, so no policy of one kind can pose as
/// one of another.
#[derive(
    Clone,
    PartialEq,
    Eq,
    Debug,
    BorshSerialize,
    BorshDeserialize,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Whoever signs with this key.
    Key(PublicKey),
    /// Any `needed` of several keys.
    Keys(Keys),
    /// A contract's code, which signs nothing: it acts when it is called.
    Contract(Hash),
    /// A module of the chain, likewise.
    Module(ModuleId),
}

impl Policy {
    /// What an account's state stores of it, and at first the account's address.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.digest(&POLICY)
    }

    /// The account that starts under this policy.
    #[must_use]
    pub fn address(&self) -> Address {
        Address(self.hash())
    }

    /// How many signatures it takes and of which keys; `None` if no signature satisfies it.
    #[must_use]
    pub fn signing(&self) -> Option<(usize, &[PublicKey])> {
        match self {
            Self::Key(key) => Some((1, core::slice::from_ref(key))),
            Self::Keys(keys) => Some((usize::from(keys.needed), &keys.keys)),
            Self::Contract(_) | Self::Module(_) => None,
        }
    }
}

/// `needed` of these keys, which stand in ascending order and differ: one person is one voice.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Claimed")]
pub struct Keys {
    needed: u8,
    keys: List<PublicKey, POLICY_KEYS_MAX>,
}

/// Why keys are no policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeysError {
    /// More could never be given, and none would let anyone act.
    #[error("{got} of {limit} keys needed: must be at least one and at most all")]
    Needed {
        /// How many are needed.
        got: u8,
        /// How many there are.
        limit: usize,
    },
    /// Out of order or repeated.
    #[error("key {index} does not come after the one before it")]
    Order {
        /// The place of the first that is wrong.
        index: usize,
    },
    /// Too many.
    #[error("{got} keys, limit {limit}")]
    Many {
        /// How many there are.
        got: usize,
        /// How many fit.
        limit: usize,
    },
}

impl Keys {
    /// Any `needed` of `keys`.
    ///
    /// # Errors
    /// See [`KeysError`].
    pub fn new(needed: u8, keys: alloc::vec::Vec<PublicKey>) -> Result<Self, KeysError> {
        let keys = List::try_from(keys)
            .map_err(|long| KeysError::Many { got: long.got, limit: long.limit })?;
        let limit = keys.len();
        if needed == 0 || usize::from(needed) > limit {
            return Err(KeysError::Needed { got: needed, limit });
        }
        let pairs = keys.iter().zip(keys.iter().skip(1));
        if let Some(index) = pairs.into_iter().position(|(before, after)| before >= after) {
            return Err(KeysError::Order { index: index.saturating_add(1) });
        }
        Ok(Self { needed, keys })
    }
}

#[derive(BorshDeserialize, serde::Deserialize)]
struct Claimed {
    needed: u8,
    keys: List<PublicKey, POLICY_KEYS_MAX>,
}

impl TryFrom<Claimed> for Keys {
    type Error = KeysError;

    fn try_from(claimed: Claimed) -> Result<Self, KeysError> {
        Self::new(claimed.needed, claimed.keys.into_vec())
    }
}

impl BorshDeserialize for Keys {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        Claimed::deserialize_reader(reader)?.try_into().map_err(invalid)
    }
}
