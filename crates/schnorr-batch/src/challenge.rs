//! BIP340's challenge: the tagged hash of R, P and the message.
use crate::field::{Limbs, from_bytes};
use crate::scalar;
use sha2::block_api::compress256;

/// SHA-256's state after the block SHA-256("BIP0340/challenge") twice.
const TAGGED: [u32; 8] = [
    0x9CEC_BA11,
    0x2392_5381,
    0x1167_9112,
    0xD162_7E0F,
    0x97C8_7550,
    0x003C_C765,
    0x90F6_1164,
    0x33E9_B66A,
];
/// How long the tag's block is, in bytes.
const TAG_LEN: usize = 64;

/// e modulo n, for the x-coordinates of R and P.
pub(crate) fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Limbs {
    let mut state = TAGGED;
    let mut block = [0; 64];
    block[..32].copy_from_slice(r);
    block[32..].copy_from_slice(key);
    compress256(&mut state, &[block]);
    let (blocks, rest) = message.as_chunks::<64>();
    compress256(&mut state, blocks);
    finish(&mut state, rest, TAG_LEN + 64 + message.len());
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    scalar::reduce(from_bytes(&digest))
}

/// The last one or two blocks: what is left, a one, zeros, the length of all in bits.
fn finish(state: &mut [u32; 8], rest: &[u8], total: usize) {
    let mut last = [[0; 64]; 2];
    let count = if rest.len() < 56 { 1 } else { 2 };
    last[0][..rest.len()].copy_from_slice(rest);
    last[0][rest.len()] = 0x80;
    last[count - 1][56..].copy_from_slice(&(total as u64 * 8).to_be_bytes());
    compress256(state, &last[..count]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use sha2::{Digest, Sha256};

    #[test]
    fn every_length_of_message() {
        let (r, key) = ([0xAB; 32], [0xCD; 32]);
        let tag = Sha256::digest(b"BIP0340/challenge");
        let bytes: Vec<u8> = (0..=255).collect();
        for len in 0..=200 {
            let message = &bytes[..len];
            let parts = [&tag[..], &tag, &r, &key, message].concat();
            let want = scalar::reduce(from_bytes(&Sha256::digest(parts).into()));
            assert_eq!(challenge(&r, &key, message), want, "{len} bytes");
        }
    }
}
