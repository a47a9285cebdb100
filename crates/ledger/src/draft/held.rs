use crate::Value;
use core::ops::Deref;

/// Bytes of the keys and values that are most often written: a hash under a module's prefix, an
/// amount, a counter.
const HERE_BYTES: usize = 38;

/// A key or a value in the table of a block under way. Short ones cost no allocation and lie where
/// they are compared.
pub(crate) enum Held {
    Here { bytes: [u8; HERE_BYTES], len: u8 },
    Shared(Value),
}

impl From<&[u8]> for Held {
    fn from(value: &[u8]) -> Self {
        let mut bytes = [0; HERE_BYTES];
        match (bytes.get_mut(..value.len()), u8::try_from(value.len())) {
            (Some(room), Ok(len)) => {
                room.copy_from_slice(value);
                Self::Here { bytes, len }
            }
            _ => Self::Shared(value.into()),
        }
    }
}

impl Held {
    /// As others hold it.
    pub(crate) fn share(&self) -> Value {
        match self {
            Self::Here { .. } => (&**self).into(),
            Self::Shared(value) => value.clone(),
        }
    }
}

impl Deref for Held {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Here { bytes, len } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Shared(value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_every_length() {
        for len in [0, 1, 37, 38, 39, 255, 256, 300] {
            let value = vec![7; len];
            let held = Held::from(&*value);
            assert_eq!((&*held, &*held.share()), (&*value, &*value));
            assert_eq!(matches!(held, Held::Here { .. }), len <= HERE_BYTES);
        }
    }
}
