use crate::Encode;
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use serde::{Deserialize, Serialize};

const PARAMS: Domain = Domain::new("isonomy params 1");

/// Bytes of the largest body any chain may allow: one frame carries it.
pub const BODY_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Meter units of the most work any chain may allow in a block, so that sums stay far from 2⁶⁴.
pub const BODY_METER_MAX: u64 = 1 << 48;

/// Limits and prices that bind the next block.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The largest encoded body, in bytes; at most [`BODY_BYTES_MAX`].
    pub body_bytes: u32,
    /// The most work in one body, in meter units; at most [`BODY_METER_MAX`].
    pub body_meter: u64,
    /// The least that a meter unit costs, in the chain's coin.
    pub base_fee: u64,
}

/// A limit that would let blocks outgrow what every node can carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{name} is {got}, must be 1 to {limit}")]
pub struct ParamsError {
    /// Which.
    pub name: &'static str,
    /// What it is.
    pub got: u64,
    /// The most it may be.
    pub limit: u64,
}

impl Params {
    /// What a header commits.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.digest(&PARAMS)
    }

    /// Whether every limit is within its hard bound.
    ///
    /// # Errors
    /// Names the first that is not.
    pub fn check(&self) -> Result<(), ParamsError> {
        let limits = [
            ("body_bytes", self.body_bytes.into(), BODY_BYTES_MAX.into()),
            ("body_meter", self.body_meter, BODY_METER_MAX),
        ];
        match limits.into_iter().find(|(_, got, limit)| *got == 0 || got > limit) {
            Some((name, got, limit)) => Err(ParamsError { name, got, limit }),
            None => Ok(()),
        }
    }
}

impl Default for Params {
    /// One megabyte and ten million units a block, at one coin a unit.
    fn default() -> Self {
        Self { body_bytes: 1_000_000, body_meter: 10_000_000, base_fee: 1 }
    }
}
