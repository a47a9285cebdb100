use super::invalid;
use borsh::io::{Read, Result, Write};
use borsh::{BorshDeserialize, BorshSerialize};

/// The version of a format: encodes as the byte `N`, and nothing else decodes as it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Version<const N: u8>;

#[derive(Debug, thiserror::Error)]
#[error("got format version {got}, this software reads version {limit}")]
struct OtherVersion {
    got: u8,
    limit: u8,
}

impl<const N: u8> BorshSerialize for Version<N> {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        N.serialize(writer)
    }
}

impl<const N: u8> BorshDeserialize for Version<N> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let got = u8::deserialize_reader(reader)?;
        if got == N { Ok(Self) } else { Err(invalid(OtherVersion { got, limit: N })) }
    }
}

impl<const N: u8> serde::Serialize for Version<N> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> core::result::Result<S::Ok, S::Error> {
        to.serialize_u8(N)
    }
}

impl<'de, const N: u8> serde::Deserialize<'de> for Version<N> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> core::result::Result<Self, D::Error> {
        let got: u8 = serde::Deserialize::deserialize(from)?;
        let other = OtherVersion { got, limit: N };
        if got == N { Ok(Self) } else { Err(serde::de::Error::custom(other)) }
    }
}
