use super::{Blob, TooLong, invalid};
use alloc::string::String;
use borsh::io::{Read, Result};
use borsh::{BorshDeserialize, BorshSerialize};
use core::{fmt, ops::Deref};

/// At most `MAX` bytes of UTF-8.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, BorshSerialize, serde::Serialize,
)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = TooLong;

    fn try_from(text: String) -> core::result::Result<Self, TooLong> {
        let got = text.len();
        if got > MAX { Err(TooLong { got, limit: MAX }) } else { Ok(Self(text)) }
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> BorshDeserialize for Text<MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let bytes = Blob::<MAX>::deserialize_reader(reader)?.into_vec();
        String::from_utf8(bytes).map(Self).map_err(invalid)
    }
}

impl<'de, const MAX: usize> serde::Deserialize<'de> for Text<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> core::result::Result<Self, D::Error> {
        let text: String = serde::Deserialize::deserialize(from)?;
        Self::try_from(text).map_err(serde::de::Error::custom)
    }
}
