use crate::Fault;
use alloc::vec::Vec;
use borsh::io::{Read, Result as IoResult, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use core::fmt;
use isonomy_types::{Blob, EVENT_BYTES_MAX, EVENT_KEY_BYTES_MAX, EVENT_KEYS_MAX, List, ModuleId};
use serde::{Deserialize, Serialize};

/// What a module says happened: a payload in bytes that only it can read, and keys under which
/// whoever keeps receipts can find it.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Event {
    /// Who says it.
    pub module: ModuleId,
    /// Whom and what it concerns, in the module's own order, for indexes.
    pub keys: EventKeys,
    /// What.
    pub payload: Blob<EVENT_BYTES_MAX>,
}

/// At most [`EVENT_KEYS_MAX`] keys of at most [`EVENT_KEY_BYTES_MAX`] bytes each.
///
/// They lie in one piece of memory, since every transfer makes some. Encoded, and to people, they are
/// the same as a [`List`] of [`Blob`]s, into which they turn and out of which they come.
///
/// ```
/// use isonomy_ledger::EventKeys;
///
/// let keys = EventKeys::new(&[b"from", b"to"])?;
/// assert_eq!(keys.len(), 2);
/// assert!(keys.iter().eq([&b"from"[..], b"to"]));
/// # Ok::<(), isonomy_ledger::Fault>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Blobs", into = "Blobs")]
pub struct EventKeys {
    count: u32,
    /// Each key's length and bytes, as they are encoded.
    bytes: Vec<u8>,
}

type Blobs = List<Blob<EVENT_KEY_BYTES_MAX>, EVENT_KEYS_MAX>;

impl EventKeys {
    /// These keys, in this order.
    ///
    /// # Errors
    /// [`Fault::EventKey`] if one is too long, [`Fault::EventKeys`] if there are too many.
    pub fn new(keys: &[&[u8]]) -> Result<Self, Fault> {
        let limit = EVENT_KEY_BYTES_MAX;
        if let Some(long) = keys.iter().find(|key| key.len() > limit) {
            return Err(Fault::EventKey { got: long.len(), limit });
        }
        let (got, limit) = (keys.len(), EVENT_KEYS_MAX);
        if got > limit {
            return Err(Fault::EventKeys { got, limit });
        }
        Ok(Self::fitting(keys.iter().copied()))
    }

    /// Keys whose number and lengths are known to fit.
    fn fitting<'a>(keys: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let room = |sum: usize, key: &[u8]| sum.saturating_add(4).saturating_add(key.len());
        let mut all = Self { count: 0, bytes: Vec::with_capacity(keys.clone().fold(0, room)) };
        for key in keys {
            all.count = all.count.saturating_add(1);
            all.bytes.extend_from_slice(&(key.len() as u32).to_le_bytes());
            all.bytes.extend_from_slice(key);
        }
        all
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.bytes;
        core::iter::from_fn(move || {
            let (len, after) = rest.split_first_chunk()?;
            let (key, after) = after.split_at_checked(u32::from_le_bytes(*len) as usize)?;
            rest = after;
            Some(key)
        })
    }
}

impl From<Blobs> for EventKeys {
    fn from(keys: Blobs) -> Self {
        Self::fitting(keys.iter().map(|key| &**key))
    }
}

impl From<EventKeys> for Blobs {
    fn from(keys: EventKeys) -> Self {
        Self::truncated(keys.iter().map(|key| Blob::truncated(key.to_vec())).collect())
    }
}

impl BorshSerialize for EventKeys {
    fn serialize<W: Write>(&self, writer: &mut W) -> IoResult<()> {
        BorshSerialize::serialize(&self.count, writer)?;
        writer.write_all(&self.bytes)
    }
}

impl BorshDeserialize for EventKeys {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        Blobs::deserialize_reader(reader).map(Self::from)
    }
}

impl fmt::Debug for EventKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(Blobs::from(self.clone()).iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy_types::{Decode, Encode};
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn they_are_a_list_of_blobs(keys in vec(vec(any::<u8>(), 0..70), 0..11)) {
            let slices: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
            let long = keys.iter().find(|key| key.len() > EVENT_KEY_BYTES_MAX);
            let want = match (long, keys.len()) {
                (Some(long), _) => {
                    Err(Fault::EventKey { got: long.len(), limit: EVENT_KEY_BYTES_MAX })
                }
                (None, got @ 9..) => Err(Fault::EventKeys { got, limit: EVENT_KEYS_MAX }),
                _ => Ok(()),
            };
            let made = EventKeys::new(&slices);
            prop_assert_eq!(made.clone().map(drop), want.clone());
            // What cannot be made cannot be read either.
            let bytes = keys.encode();
            let read = EventKeys::decode_exact(&bytes);
            prop_assert_eq!(read.is_ok(), want.is_ok());
            if let (Ok(made), Ok(read)) = (made, read) {
                prop_assert!(made.iter().eq(slices.iter().copied()));
                prop_assert_eq!((made.len(), made.is_empty()), (keys.len(), keys.is_empty()));
                prop_assert_eq!((made.encode(), &read), (bytes, &made));
                let blobs = Blobs::from(made.clone());
                prop_assert_eq!(blobs.encode(), made.encode());
                prop_assert_eq!(EventKeys::from(blobs), made);
            }
        }
    }
}
