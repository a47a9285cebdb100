use alloc::{format, string::String};
use borsh::{BorshDeserialize, BorshSerialize};
use core::{fmt, str::FromStr};

/// A quantity of one asset in its smallest unit. All arithmetic is checked. JSON holds a string,
/// since many readers of JSON lose digits beyond 2⁵³.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, BorshSerialize, BorshDeserialize,
)]
pub struct Amount(pub u128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// As much as there can be.
    pub const MAX: Self = Self(u128::MAX);

    /// The sum, if there can be so much.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// What is left, if it is enough.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// `units` at `price` each. Cannot overflow: both are 64 bits wide.
    #[must_use]
    pub fn cost(units: u64, price: u64) -> Self {
        Self(u128::from(units).saturating_mul(u128::from(price)))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Not a whole number of units that fits 128 bits, written without sign or leading zeros.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an amount: {0:?} (a whole number of the smallest unit, at most 2¹²⁸ - 1)")]
pub struct ParseAmountError(String);

impl FromStr for Amount {
    type Err = ParseAmountError;

    fn from_str(text: &str) -> Result<Self, ParseAmountError> {
        let parsed = text.parse().ok().filter(|amount: &u128| format!("{amount}") == text);
        parsed.map(Self).ok_or_else(|| ParseAmountError(text.into()))
    }
}

impl serde::Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text: String = serde::Deserialize::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
