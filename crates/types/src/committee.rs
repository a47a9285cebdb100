use crate::{Encode, List, bytes::invalid};
use alloc::vec::Vec;
use borsh::io::{Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash, PublicKey};
use serde::{Deserialize, Serialize};

const AUTHORITY: Domain = Domain::new("isonomy authority 1");

/// Members of a committee: a certificate names each, and travels with headers.
pub const MEMBERS_MAX: usize = 256;

/// One key and its say.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Member {
    /// Who.
    pub key: PublicKey,
    /// How much, at least 1.
    pub power: u64,
}

/// Keys and powers, in ascending order of keys. Empty where nobody is appointed.
#[derive(Clone, PartialEq, Eq, Debug, Default, BorshSerialize, Serialize, Deserialize)]
#[serde(try_from = "List<Member, MEMBERS_MAX>")]
pub struct Committee(List<Member, MEMBERS_MAX>);

/// Why members are no committee.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CommitteeError {
    /// Too many.
    #[error("{got} members, limit {limit}")]
    Many {
        /// How many there are.
        got: usize,
        /// [`MEMBERS_MAX`].
        limit: usize,
    },
    /// Out of order or repeated.
    #[error("member {index} does not come after the one before it")]
    Order {
        /// The place of the first that is wrong.
        index: usize,
    },
    /// It could never matter.
    #[error("member {index} has no power")]
    Powerless {
        /// Its place.
        index: usize,
    },
    /// The whole must fit 64 bits, so that thrice a share of it fits easily into 128.
    #[error("the powers sum to {got}, limit {limit}")]
    Power {
        /// The sum.
        got: u128,
        /// The largest sum.
        limit: u64,
    },
}

impl Committee {
    /// A committee of `members`, who stand in ascending order of their keys.
    ///
    /// # Errors
    /// See [`CommitteeError`].
    pub fn new(members: Vec<Member>) -> Result<Self, CommitteeError> {
        let members = List::try_from(members)
            .map_err(|long| CommitteeError::Many { got: long.got, limit: long.limit })?;
        let mut pairs = members.iter().zip(members.iter().skip(1));
        if let Some(index) = pairs.position(|(before, after)| before.key >= after.key) {
            return Err(CommitteeError::Order { index: index.saturating_add(1) });
        }
        if let Some(index) = members.iter().position(|member| member.power == 0) {
            return Err(CommitteeError::Powerless { index });
        }
        let committee = Self(members);
        let got = committee.power();
        if got > u128::from(u64::MAX) {
            return Err(CommitteeError::Power { got, limit: u64::MAX });
        }
        Ok(committee)
    }

    /// The members, in ascending order of their keys.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.0
    }

    /// The powers' sum.
    #[must_use]
    pub fn power(&self) -> u128 {
        self.0.iter().map(|member| u128::from(member.power)).sum()
    }

    /// What `key` has to say: zero for strangers.
    #[must_use]
    pub fn power_of(&self, key: &PublicKey) -> u64 {
        let found = self.0.binary_search_by(|member| member.key.cmp(key)).ok();
        found.and_then(|index| self.0.get(index)).map_or(0, |member| member.power)
    }
}

impl TryFrom<List<Member, MEMBERS_MAX>> for Committee {
    type Error = CommitteeError;

    fn try_from(members: List<Member, MEMBERS_MAX>) -> Result<Self, CommitteeError> {
        Self::new(members.into_vec())
    }
}

impl BorshDeserialize for Committee {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        List::deserialize_reader(reader)?.try_into().map_err(invalid)
    }
}

/// What header rules need of the state. It changes rarely, so it has its own place in the header.
#[derive(
    Clone, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Authority {
    /// Which rules bind the next block.
    pub rules_version: u32,
    /// Who may seal and certify it.
    pub committee: Committee,
}

impl Authority {
    /// What a header commits.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.digest(&AUTHORITY)
    }
}
