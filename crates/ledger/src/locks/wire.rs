use crate::assets::Asset;
use crate::{Env, Page};
use borsh::{BorshDeserialize, BorshSerialize};
use core::fmt;
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, Wall};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The secret that opens a lock: 32 bytes, no more and no fewer. Were the length free, a preimage
/// could be chosen that one chain still carries and the other no more, and one side alone be paid.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(from = "Hash", into = "Hash")]
pub struct Preimage(pub [u8; 32]);

impl Preimage {
    /// Its SHA-256, which a lock names. Not the toolkit's BLAKE3: the chains to swap with know
    /// SHA-256, and two locks open together only if they ask for the same.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::from_bytes(Sha256::digest(self.0).into())
    }
}

impl From<Hash> for Preimage {
    fn from(bytes: Hash) -> Self {
        Self(bytes.to_bytes())
    }
}

impl From<Preimage> for Hash {
    fn from(preimage: Preimage) -> Self {
        Self::from_bytes(preimage.0)
    }
}

/// The first block in which a lock can be refunded, and no more be claimed. In each block one of the
/// two is possible, never both.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    /// That of this height.
    Height(u64),
    /// The first whose header says this time or a later one.
    Time(Wall),
}

impl Deadline {
    /// Whether it has come in a block of `env`.
    #[must_use]
    pub fn has_come(&self, env: &Env) -> bool {
        match *self {
            Self::Height(height) => env.height >= height,
            Self::Time(time) => env.time >= time,
        }
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Height(height) => write!(f, "height {height}"),
            Self::Time(Wall(ms)) => write!(f, "time {ms} (ms since 1970)"),
        }
    }
}

/// What was promised to whom, and on what condition.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Promise {
    /// What.
    pub asset: Asset,
    /// How much, not zero.
    pub amount: Amount,
    /// Who is paid when the preimage is shown.
    pub to: Address,
    /// [`Preimage::hash`].
    pub hash: Hash,
    /// Until when.
    pub expires: Deadline,
}

/// A promise whose funds are held.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Lock {
    /// Who made it, and is paid back.
    pub maker: Address,
    /// What it says.
    pub promise: Promise,
}

/// What an account can do.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Locks funds that [`deposit`](super::deposit) brought in the same transaction. Returns the
    /// lock's id.
    Lock(Promise),
    /// Pays what is locked to whom it was promised. Anyone may show the preimage.
    Claim {
        /// The lock.
        id: Hash,
        /// What opens it.
        preimage: Preimage,
    },
    /// Pays what is locked back to its maker. Anyone may ask for it.
    Refund {
        /// The lock.
        id: Hash,
    },
}

/// What can be asked.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// A lock that has not ended: an `Option` of a [`Lock`].
    Lock(Hash),
    /// What all locks hold of an asset: an [`Amount`].
    Held(Asset),
    /// Which of an account's locks have not ended: a [`Made`].
    Made {
        /// Who made them.
        of: Address,
        /// [`Made::older`] of the answer before. `None`: from the youngest on.
        before: Option<u64>,
    },
}

/// Some of an account's locks, youngest first. There is no index by whom they pay: who is promised a
/// payment is told its id.
#[derive(
    Clone, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Made {
    /// Those that have not ended, of [`PAGE_MAX`](crate::PAGE_MAX) that were looked for, with their
    /// ids.
    pub locks: Page<(Hash, Lock)>,
    /// How many were made before those; zero, and that was all.
    pub older: u64,
}

/// What happened. Each event is found under three keys: the lock's maker, whom it was promised to, and
/// the lock's id.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocksEvent {
    /// Funds were locked.
    Lock {
        /// The lock's id.
        id: Hash,
        /// All about it.
        lock: Lock,
    },
    /// A lock was opened. Who waits on the other chain finds the preimage here.
    Claim {
        /// The lock.
        id: Hash,
        /// What opened it.
        preimage: Preimage,
    },
    /// A lock was paid back.
    Refund {
        /// The lock.
        id: Hash,
    },
}
