use crate::Fault;
use alloc::vec::Vec;
use borsh::io::{Read, Result as IoResult, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use core::fmt;
use isonomy_types::{
    Blob, EVENT_BYTES_MAX, EVENT_KEY_BYTES_MAX, EVENT_KEYS_MAX, EVENTS_MAX, List, ModuleId,
};
use serde::{Deserialize, Serialize};

/// What a module says happened: a payload in bytes that only it can read, and keys under which
/// whoever keeps receipts can find it.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Event {
    /// Who says it.
    pub module: ModuleId,
    /// Whom and what it concerns, in the module's own order, for indexes.
    pub keys: List<Blob<EVENT_KEY_BYTES_MAX>, EVENT_KEYS_MAX>,
    /// What.
    pub payload: Blob<EVENT_BYTES_MAX>,
}

/// At most [`EVENTS_MAX`] events, in the order in which they happened.
///
/// They lie in one piece of memory as they are encoded, since every transfer makes some, hashes them
/// and keeps them, and few are ever read. Encoded, and to people, they are the same as a [`List`] of
/// [`Event`]s, into which they turn and out of which they come.
///
/// ```
/// use isonomy_ledger::{Event, Events};
/// use isonomy_types::List;
///
/// let event = Event { module: 1, keys: List::default(), payload: vec![7].try_into()? };
/// let events = Events::from(List::truncated(vec![event.clone()]));
/// assert_eq!((events.len(), events.get(0)), (1, Some(event)));
/// # Ok::<(), isonomy_types::TooLong>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Listed", into = "Listed")]
pub struct Events {
    count: u32,
    /// Each event, as it is encoded.
    bytes: Vec<u8>,
}

type Listed = List<Event, EVENTS_MAX>;

/// How many events there were, and the bytes of them all.
#[derive(Clone, Copy)]
pub(crate) struct EventsMark(u32, usize);

impl Events {
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

    /// All, in order. Each is decoded.
    pub fn iter(&self) -> impl Iterator<Item = Event> {
        let mut rest = &*self.bytes;
        core::iter::from_fn(move || BorshDeserialize::deserialize(&mut rest).ok())
    }

    /// The event at a place. Those before it are decoded too.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Event> {
        self.iter().nth(at)
    }

    /// Adds an event whose keys were [`bounded`], as was its payload.
    pub(crate) fn push(&mut self, module: ModuleId, keys: &[&[u8]], payload: &[u8]) {
        self.count = self.count.saturating_add(1);
        self.bytes.extend_from_slice(&module.to_le_bytes());
        self.bytes.extend_from_slice(&(keys.len() as u32).to_le_bytes());
        for part in keys.iter().chain([&payload]) {
            self.bytes.extend_from_slice(&(part.len() as u32).to_le_bytes());
            self.bytes.extend_from_slice(part);
        }
    }

    pub(crate) const fn mark(&self) -> EventsMark {
        EventsMark(self.count, self.bytes.len())
    }

    /// Takes back all that were added since.
    pub(crate) fn roll_back(&mut self, mark: EventsMark) {
        self.count = mark.0;
        self.bytes.truncate(mark.1);
    }

    /// Takes all out, in as little memory as they need, and keeps the room for the next.
    pub(crate) fn take(&mut self) -> Self {
        let taken = self.clone();
        self.roll_back(EventsMark(0, 0));
        taken
    }
}

/// Whether an event may have these keys.
pub(crate) fn bounded(keys: &[&[u8]]) -> Result<(), Fault> {
    let limit = EVENT_KEY_BYTES_MAX;
    if let Some(long) = keys.iter().find(|key| key.len() > limit) {
        return Err(Fault::EventKey { got: long.len(), limit });
    }
    let (got, limit) = (keys.len(), EVENT_KEYS_MAX);
    if got > limit { Err(Fault::EventKeys { got, limit }) } else { Ok(()) }
}

impl From<Listed> for Events {
    fn from(events: Listed) -> Self {
        let mut all = Self::default();
        for Event { module, keys, payload } in events {
            let keys: Vec<&[u8]> = keys.iter().map(|key| &**key).collect();
            all.push(module, &keys, &payload);
        }
        all
    }
}

impl From<Events> for Listed {
    fn from(events: Events) -> Self {
        Self::truncated(events.iter().collect())
    }
}

impl BorshSerialize for Events {
    fn serialize<W: Write>(&self, writer: &mut W) -> IoResult<()> {
        BorshSerialize::serialize(&self.count, writer)?;
        writer.write_all(&self.bytes)
    }
}

impl BorshDeserialize for Events {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        Listed::deserialize_reader(reader).map(Self::from)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy_types::{Decode, Encode};
    use proptest::collection::vec;
    use proptest::prelude::*;

    type Said = (ModuleId, Vec<Vec<u8>>, Vec<u8>);

    fn said(keys: usize) -> impl Strategy<Value = Said> {
        let keys = vec(vec(any::<u8>(), 0..keys), 0..11);
        (any::<ModuleId>(), keys, vec(any::<u8>(), 0..90))
    }

    fn bounds(keys: &[Vec<u8>]) -> Result<(), Fault> {
        bounded(&keys.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    fn push(events: &mut Events, (module, keys, payload): &Said) {
        events.push(*module, &keys.iter().map(Vec::as_slice).collect::<Vec<_>>(), payload);
    }

    proptest! {
        #[test]
        fn they_are_a_list_of_events(all in vec(said(66), 0..5), cut in 0..5_usize) {
            let mut events = Events::default();
            let mut marks = Vec::new();
            for one in &all {
                marks.push(events.mark());
                push(&mut events, one);
            }
            let fits = all.iter().all(|(_, keys, _)| bounds(keys).is_ok());
            let (bytes, read) = (all.encode(), Events::decode_exact(&events.encode()));
            // They are encoded as a list is, and what may not be said cannot be read either.
            prop_assert_eq!(&events.encode(), &bytes);
            prop_assert_eq!(read.is_ok(), fits);
            prop_assert_eq!(Listed::decode_exact(&bytes).is_ok(), fits);
            if let (Ok(read), Ok(list)) = (read, Listed::decode_exact(&bytes)) {
                prop_assert!(list.iter().cloned().eq(events.iter()));
                prop_assert_eq!((events.len(), events.is_empty()), (all.len(), all.is_empty()));
                prop_assert_eq!(events.get(cut), list.get(cut).cloned());
                prop_assert_eq!((&Events::from(list.clone()), &read), (&events, &events));
                prop_assert_eq!(Listed::from(events.clone()), list);
            }
            if let Some(mark) = marks.get(cut) {
                events.roll_back(*mark);
                let mut fewer = Events::default();
                all.iter().take(cut).for_each(|one| push(&mut fewer, one));
                prop_assert_eq!(&events, &fewer);
            }
            let before = events.clone();
            prop_assert_eq!(events.take(), before);
            prop_assert_eq!(events, Events::default());
        }

        #[test]
        fn keys_are_bounded_by_length_then_by_number(keys in vec(vec(any::<u8>(), 0..66), 0..11)) {
            let long = keys.iter().find(|key| key.len() > EVENT_KEY_BYTES_MAX);
            let want = match (long, keys.len()) {
                (Some(long), _) => {
                    Err(Fault::EventKey { got: long.len(), limit: EVENT_KEY_BYTES_MAX })
                }
                (None, got @ 9..) => Err(Fault::EventKeys { got, limit: EVENT_KEYS_MAX }),
                _ => Ok(()),
            };
            prop_assert_eq!(bounds(&keys), want);
        }
    }
}
