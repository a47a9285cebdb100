use crate::curve;
use crate::field::{Affine, P, below, from_bytes, to_bytes};

/// A public key whose point is known: a batch then spares its square root.
///
/// Takes 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key(pub(crate) Affine);

impl Key {
    /// Finds the point of a BIP340 x-only public key. Costs a square root.
    ///
    /// # Errors
    /// Refuses bytes that are not below p or not the x-coordinate of a point.
    pub fn parse(bytes: &[u8; 32]) -> Result<Self, InvalidKey> {
        let x = from_bytes(bytes);
        if !below(&x, &P) {
            return Err(InvalidKey);
        }
        curve::lift(&x).map(Self).ok_or(InvalidKey)
    }

    /// The x-only public key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        to_bytes(&self.0.x)
    }
}

/// The bytes are not the x-coordinate of a point on the curve.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the key is not on the curve")]
pub struct InvalidKey;

/// One claim: `key` signed `message`.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    pub(crate) key: ItemKey,
    pub(crate) message: &'a [u8],
    pub(crate) signature: &'a [u8; 64],
}

/// A key as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ItemKey {
    Bytes([u8; 32]),
    Parsed(Key),
}

impl ItemKey {
    pub(crate) fn bytes(&self) -> [u8; 32] {
        match self {
            Self::Bytes(bytes) => *bytes,
            Self::Parsed(key) => key.to_bytes(),
        }
    }
}

impl<'a> Item<'a> {
    /// Claims that the BIP340 x-only public key signed the message. Nothing is checked yet.
    #[must_use]
    pub const fn new(key: [u8; 32], message: &'a [u8], signature: &'a [u8; 64]) -> Self {
        Self { key: ItemKey::Bytes(key), message, signature }
    }

    /// The same of a parsed key.
    #[must_use]
    pub const fn with_key(key: Key, message: &'a [u8], signature: &'a [u8; 64]) -> Self {
        Self { key: ItemKey::Parsed(key), message, signature }
    }
}
