use alloc::vec::Vec;
use borsh::io::{Result, Write};
use core::ops::Deref;
use isonomy_types::{Encode, ModuleId};

/// Bytes of the keys and values that most modules have: a module id, a prefix, two hashes.
const SHORT_BYTES: usize = 96;

/// Bytes that are looked up or copied and then forgotten. Few of them stay on the stack.
pub(crate) enum Short {
    Here { bytes: [u8; SHORT_BYTES], len: usize },
    Heap(Vec<u8>),
}

impl Short {
    pub(crate) const fn new() -> Self {
        Self::Here { bytes: [0; SHORT_BYTES], len: 0 }
    }

    /// A whole key: the module's id, its collection's prefix, and the key there.
    #[inline]
    pub(crate) fn key(module: ModuleId, prefix: u8, key: &impl Encode) -> Self {
        Self::new().with(&module.to_be_bytes()).with(&[prefix]).encoding(key)
    }

    /// With more at the end.
    #[inline]
    pub(crate) fn with(mut self, more: &[u8]) -> Self {
        self.push(more);
        self
    }

    /// The bytes of a value.
    #[inline]
    pub(crate) fn of(value: &impl Encode) -> Self {
        Self::new().encoding(value)
    }

    /// With the bytes of a value at the end.
    #[inline]
    pub(crate) fn encoding(mut self, value: &impl Encode) -> Self {
        // Writing to memory cannot fail.
        let _ = value.encode_to(&mut self);
        self
    }

    /// Always inlined: most parts have a length that is known then, and are copied in a step or two.
    #[inline(always)]
    fn push(&mut self, more: &[u8]) {
        if let Self::Here { bytes, len } = self {
            let end = len.saturating_add(more.len());
            if let Some(room) = bytes.get_mut(*len..end) {
                room.copy_from_slice(more);
                *len = end;
                return;
            }
        }
        self.push_to_heap(more);
    }

    #[cold]
    fn push_to_heap(&mut self, more: &[u8]) {
        match self {
            Self::Here { .. } => *self = Self::Heap([&*self, more].concat()),
            Self::Heap(bytes) => bytes.extend_from_slice(more),
        }
    }
}

impl Deref for Short {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Here { bytes, len } => bytes.get(..*len).unwrap_or_default(),
            Self::Heap(bytes) => bytes,
        }
    }
}

impl Write for Short {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    #[inline(always)]
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.push(bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_was_pushed_wherever_it_lies() {
        for cuts in [&[0, 96][..], &[96, 1], &[95, 1, 1], &[97], &[50, 50, 50], &[0]] {
            let (mut short, mut model) = (Short::new(), Vec::new());
            for (cut, byte) in cuts.iter().zip(1..) {
                short.push(&vec![byte; *cut]);
                model.extend(vec![byte; *cut]);
                assert_eq!(*short, *model, "{cuts:?}");
            }
            assert_eq!(matches!(short, Short::Heap(_)), model.len() > SHORT_BYTES);
        }
    }
}
