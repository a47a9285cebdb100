//! Short inputs, many of them side by side. Those of at most 64 bytes are one compression each.
//!
//! A 64-byte input is a single block, hence both the first and the last of its only chunk, hence the
//! root. That is all of BLAKE3 (section 2.2 and 2.5 of its paper) that is needed here.
use crate::Hash;

/// Bytes that one compression takes in.
pub(crate) const BLOCK_BYTES: usize = 64;

/// One compression's input.
pub(crate) type Block = [u8; BLOCK_BYTES];

/// Inputs hashed at once. The widest vectors take 16; twice that halves what surrounds them.
const BATCH_BLOCKS: usize = 32;

/// Fewer are hashed one by one: vectors of less than four lanes do not pay.
pub(crate) const MANY_MIN: usize = 3;

#[cfg(not(feature = "portable"))]
use parallel as chosen;
#[cfg(feature = "portable")]
use portable as chosen;

/// The keyed hash of the first `len` bytes of `block`, if the others are zeros.
pub(crate) fn hash_short(key: &[u8; 32], block: &Block, len: u8) -> Hash {
    chosen::one(key, block, len)
}

/// Two hashes, one after the other.
pub(crate) fn pair([left, right]: &[Hash; 2]) -> Block {
    let mut block = [0; BLOCK_BYTES];
    block[..Hash::LEN].copy_from_slice(left.as_bytes());
    block[Hash::LEN..].copy_from_slice(right.as_bytes());
    block
}

/// The keyed hash of each row of `bytes`, in order. Every row has as many bytes, whole blocks.
pub(crate) fn hash_rows(key: &[u8; 32], bytes: &[u8], row: usize, out: &mut impl FnMut(Hash)) {
    match row / BLOCK_BYTES {
        1 => rows::<64>(key, bytes, out),
        2 => rows::<128>(key, bytes, out),
        3 => rows::<192>(key, bytes, out),
        4 => rows::<256>(key, bytes, out),
        5 => rows::<320>(key, bytes, out),
        6 => rows::<384>(key, bytes, out),
        7 => rows::<448>(key, bytes, out),
        8 => rows::<512>(key, bytes, out),
        // Rare, and long enough to cost the same one by one.
        _ => bytes.chunks(row.max(1)).for_each(|row| out(whole(key, row))),
    }
}

fn rows<const LEN: usize>(key: &[u8; 32], bytes: &[u8], out: &mut impl FnMut(Hash)) {
    let (rows, _) = bytes.as_chunks::<LEN>();
    rows.chunks(BATCH_BLOCKS).for_each(|rows| chosen::many(key, rows, out));
}

fn whole(key: &[u8; 32], bytes: &[u8]) -> Hash {
    Hash::from_bytes(*blake3::keyed_hash(key, bytes).as_bytes())
}

/// Blocks that wait to be hashed together. Their digests leave in order.
pub(crate) struct Batch<'a, F: FnMut(Hash)> {
    key: &'a [u8; 32],
    blocks: [Block; BATCH_BLOCKS],
    /// Of `blocks`, in use.
    len: usize,
    out: F,
}

impl<'a, F: FnMut(Hash)> Batch<'a, F> {
    pub(crate) fn new(key: &'a [u8; 32], out: F) -> Self {
        Self { key, blocks: [[0; BLOCK_BYTES]; BATCH_BLOCKS], len: 0, out }
    }

    /// Adds one, and hashes all when they are many.
    pub(crate) fn push(&mut self, block: Block) {
        if self.len == BATCH_BLOCKS {
            self.flush();
        }
        if let Some(slot) = self.blocks.get_mut(self.len) {
            *slot = block;
            self.len += 1;
        }
    }

    /// Lets a digest out after those of the blocks so far.
    pub(crate) fn pass(&mut self, digest: Hash) {
        self.flush();
        (self.out)(digest);
    }

    /// Hashes what waits.
    pub(crate) fn flush(&mut self) {
        chosen::many(self.key, &self.blocks[..self.len], &mut self.out);
        self.len = 0;
    }
}

/// Through an entry of `blake3` that its documentation hides and its versions may change: hence the
/// exact version in the workspace's manifest, the comparison below and the portable path.
#[cfg(any(test, not(feature = "portable")))]
mod parallel {
    use super::{BATCH_BLOCKS, Block, MANY_MIN, whole};
    use crate::Hash;
    use blake3::IncrementCounter;
    use blake3::platform::{Platform, le_bytes_from_words_32, words_from_le_bytes_32};

    const CHUNK_START: u8 = 1;
    const CHUNK_END: u8 = 1 << 1;
    const ROOT: u8 = 1 << 3;
    const KEYED_HASH: u8 = 1 << 4;

    pub(super) fn one(key: &[u8; 32], block: &Block, len: u8) -> Hash {
        let mut state = words_from_le_bytes_32(key);
        let flags = KEYED_HASH | CHUNK_START | CHUNK_END | ROOT;
        Platform::detect().compress_in_place(&mut state, block, len, 0, flags);
        Hash::from_bytes(le_bytes_from_words_32(&state))
    }

    /// At most [`BATCH_BLOCKS`] rows, each of whole blocks and within one chunk.
    pub(super) fn many<const LEN: usize>(
        key: &[u8; 32],
        rows: &[[u8; LEN]],
        out: &mut impl FnMut(Hash),
    ) {
        let alone = |row: &[u8; LEN]| match row.as_slice().try_into() {
            Ok(block) => one(key, block, 64),
            Err(_) => whole(key, row),
        };
        if rows.len() < MANY_MIN {
            return rows.iter().for_each(|row| out(alone(row)));
        }
        let mut inputs = [&[0; LEN]; BATCH_BLOCKS];
        inputs.iter_mut().zip(rows).for_each(|(input, row)| *input = row);
        let mut digests = [0; BATCH_BLOCKS * Hash::LEN];
        let words = words_from_le_bytes_32(key);
        Platform::detect().hash_many(
            &inputs[..rows.len()],
            &words,
            0,
            IncrementCounter::No,
            KEYED_HASH,
            CHUNK_START,
            CHUNK_END | ROOT,
            &mut digests,
        );
        let (digests, _) = digests.as_chunks();
        digests.iter().take(rows.len()).for_each(|digest| out(Hash::from_bytes(*digest)));
    }
}

/// Through what `blake3` documents alone.
#[cfg(any(test, feature = "portable"))]
mod portable {
    use super::{Block, whole};
    use crate::Hash;

    pub(super) fn one(key: &[u8; 32], block: &Block, len: u8) -> Hash {
        let bytes = block.get(..usize::from(len)).unwrap_or(block);
        whole(key, bytes)
    }

    pub(super) fn many<const LEN: usize>(
        key: &[u8; 32],
        rows: &[[u8; LEN]],
        out: &mut impl FnMut(Hash),
    ) {
        rows.iter().for_each(|row| out(whole(key, row)));
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH_BLOCKS, Block, hash_rows, parallel, portable, whole};
    use std::vec::Vec;

    fn block(seed: usize) -> Block {
        let mut block = [0; 64];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut block);
        block
    }

    #[test]
    fn one_block_is_a_keyed_hash_at_every_length() {
        for len in 0..=64_u8 {
            let mut short = block(len.into());
            short[usize::from(len)..].fill(0);
            let key = block(7).first_chunk().copied().unwrap();
            assert_eq!(
                parallel::one(&key, &short, len),
                portable::one(&key, &short, len),
                "{len} bytes"
            );
        }
    }

    #[test]
    fn many_blocks_are_as_many_keyed_hashes() {
        let blocks: Vec<Block> = (0..BATCH_BLOCKS).map(block).collect();
        let key = block(99).first_chunk().copied().unwrap();
        for count in 0..=BATCH_BLOCKS {
            let (mut got, mut want) = (Vec::new(), Vec::new());
            parallel::many(&key, &blocks[..count], &mut |digest| got.push(digest));
            portable::many(&key, &blocks[..count], &mut |digest| want.push(digest));
            assert_eq!(got, want, "{count} blocks");
            assert_eq!(want.len(), count);
        }
    }

    #[test]
    fn rows_of_every_length_are_keyed_hashes() {
        let key = block(5).first_chunk().copied().unwrap();
        for (blocks, count) in (1..=18).flat_map(|blocks| [1, 2, 3, 31, 33].map(|n| (blocks, n))) {
            let bytes: Vec<u8> = (0..blocks * count).flat_map(block).collect();
            let (mut got, row) = (Vec::new(), blocks * 64);
            hash_rows(&key, &bytes, row, &mut |digest| got.push(digest));
            let want: Vec<_> = bytes.chunks(row).map(|row| whole(&key, row)).collect();
            assert_eq!((got.len(), got), (count, want), "{count} rows of {blocks} blocks");
        }
    }
}
