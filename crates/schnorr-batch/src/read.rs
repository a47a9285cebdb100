//! Items on their way into a batch: their numbers within range, and hashed.
use crate::challenge::challenge;
use crate::field::{Affine, Limbs, P, below, from_bytes};
use crate::item::{Item, ItemKey};
use crate::scalar::N;

/// An item read and hashed; its points are not known yet.
#[derive(Clone, Copy)]
pub(crate) struct Read {
    pub(crate) key: Affine,
    /// Whether the key's y is known.
    pub(crate) parsed: bool,
    pub(crate) r: Limbs,
    pub(crate) s: Limbs,
    pub(crate) challenge: Limbs,
}

impl Read {
    /// Nothing where a number is out of its range, so that the item is not valid.
    pub(crate) fn of(item: &Item<'_>) -> Option<Self> {
        let (r_bytes, s_bytes) = item.signature.split_first_chunk::<32>()?;
        let (r, s) = (from_bytes(r_bytes), from_bytes(s_bytes.first_chunk()?));
        let (key, parsed) = match &item.key {
            ItemKey::Bytes(bytes) => (Affine { x: from_bytes(bytes), y: [0; 4] }, false),
            ItemKey::Parsed(key) => (key.0, true),
        };
        if !below(&key.x, &P) || !below(&r, &P) || !below(&s, &N) || s == [0; 4] {
            return None;
        }
        let challenge = challenge(r_bytes, &item.key.bytes(), item.message);
        Some(Self { key, parsed, r, s, challenge })
    }
}
