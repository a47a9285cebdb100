use super::{TooLong, invalid};
use alloc::vec::Vec;
use borsh::io::{Read, Result, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use core::ops::Deref;

/// Bytes of elements that room is made for before the first is read. A short list then takes up what
/// it holds and no more; a long one grows as elements arrive, not as they are claimed
/// (CVE-2026-40881).
const AHEAD_BYTES: usize = 16 * 1024;

/// At most `MAX` elements. The count is judged before the first element is read.
///
/// `T` must encode to at least one byte: else a short message could claim any number of elements.
/// A type without size is refused when it is built:
///
/// ```compile_fail
/// use isonomy_types::{Decode, List};
///
/// let nothings = List::<(), 1_000>::decode_exact(&[232, 3, 0, 0]);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(
    transparent,
    bound(serialize = "T: serde::Serialize", deserialize = "T: serde::Deserialize<'de>")
)]
pub struct List<T, const MAX: usize>(#[serde(deserialize_with = "bounded::<_, _, MAX>")] Vec<T>);

impl<T, const MAX: usize> List<T, MAX> {
    /// How many elements fit.
    pub const MAX: usize = MAX;

    const AHEAD: usize = {
        assert!(size_of::<T>() > 0, "an element takes up at least one byte");
        AHEAD_BYTES / size_of::<T>()
    };

    /// The longest prefix of `items` that fits: for what we make ourselves, never for input.
    #[must_use]
    pub fn truncated(mut items: Vec<T>) -> Self {
        items.truncate(MAX);
        Self(items)
    }

    /// The elements.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> TryFrom<Vec<T>> for List<T, MAX> {
    type Error = TooLong;

    fn try_from(items: Vec<T>) -> core::result::Result<Self, TooLong> {
        let got = items.len();
        if got > MAX { Err(TooLong { got, limit: MAX }) } else { Ok(Self(items)) }
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MAX: usize> IntoIterator for List<T, MAX> {
    type Item = T;
    type IntoIter = alloc::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: BorshSerialize, const MAX: usize> BorshSerialize for List<T, MAX> {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.0.serialize(writer)
    }
}

impl<T: BorshDeserialize, const MAX: usize> BorshDeserialize for List<T, MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let got = u32::deserialize_reader(reader)? as usize;
        if got > MAX {
            return Err(invalid(TooLong { got, limit: MAX }));
        }
        let mut items = Vec::with_capacity(got.min(Self::AHEAD));
        for _ in 0..got {
            items.push(T::deserialize_reader(reader)?);
        }
        Ok(Self(items))
    }
}

fn bounded<'de, D, T, const MAX: usize>(from: D) -> core::result::Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    let items: Vec<T> = serde::Deserialize::deserialize(from)?;
    List::<T, MAX>::try_from(items).map(List::into_vec).map_err(serde::de::Error::custom)
}
