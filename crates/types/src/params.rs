use crate::{Encode, TRANSACTION_BYTES_MAX};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use serde::{Deserialize, Serialize};

const PARAMS: Domain = Domain::new("isonomy params 1");

/// Bytes of the largest body any chain may allow: one frame carries it.
pub const BODY_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Bytes of the smallest limit on bodies that any chain may set: the largest transaction and the
/// count before it. Whatever changes the params back must itself fit in a block, so lower limits
/// would stop a chain for good (attack 58).
pub const BODY_BYTES_MIN: u32 = TRANSACTION_BYTES_MAX as u32 + 4;
/// Meter units of the most work any chain may allow in a block, so that sums stay far from 2⁶⁴.
pub const BODY_METER_MAX: u64 = 1 << 48;
/// Meter units of the smallest limit on work that any chain may set: to be in a block, the dearest
/// transaction (the largest, with the most signers, signatures and actions) takes 560 000, and the
/// rest is for what it does (attack 58).
pub const BODY_METER_MIN: u64 = 1_000_000;

/// Limits and prices that bind the next block.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The largest encoded body, in bytes: [`BODY_BYTES_MIN`] to [`BODY_BYTES_MAX`].
    pub body_bytes: u32,
    /// The most work in one body, in meter units: [`BODY_METER_MIN`] to [`BODY_METER_MAX`].
    pub body_meter: u64,
    /// The least that a meter unit costs, in the chain's coin.
    pub base_fee: u64,
}

/// A limit that would let blocks outgrow what every node can carry, or keep transactions out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{name} is {got}, must be {least} to {limit}")]
pub struct ParamsError {
    /// Which.
    pub name: &'static str,
    /// What it is.
    pub got: u64,
    /// The least it may be.
    pub least: u64,
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
            ("body_bytes", self.body_bytes.into(), BODY_BYTES_MIN.into(), BODY_BYTES_MAX.into()),
            ("body_meter", self.body_meter, BODY_METER_MIN, BODY_METER_MAX),
        ];
        let outside = |(_, got, least, limit): &(_, u64, u64, u64)| got < least || got > limit;
        match limits.into_iter().find(outside) {
            Some((name, got, least, limit)) => Err(ParamsError { name, got, least, limit }),
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
