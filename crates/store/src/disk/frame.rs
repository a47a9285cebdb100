//! The bytes of one log segment.
//!
//! ```text
//! segment = "isolog01"  salt (16)  check of salt (8)  frame ...
//! frame   = length (u32)  check of length (4)  check (8)  payload
//! payload = borsh of one call of append: Vec<Append>
//! ```
//!
//! A frame is synced before the next one is begun. So a frame that fails and has a sound one after
//! it was damaged; one that fails with nothing sound after it was torn by a crash, and was never
//! acknowledged. The salt is drawn when the segment is made and leaves the machine with no message,
//! so bytes that a peer put into a body never pass for a frame.
use isonomy_crypto::Domain;
use std::hash::{BuildHasher, Hasher, RandomState};

const CHECK_SALT: Domain = Domain::new("isonomy log salt 1");
const CHECK: Domain = Domain::new("isonomy log frame 1");
const CHECK_LENGTH: Domain = Domain::new("isonomy log length 1");

const MAGIC: [u8; 8] = *b"isolog01";
const SALT_BYTES: usize = 16;
const CHECK_BYTES: usize = 8;
/// Bytes before the first frame.
pub(super) const HEAD_BYTES: usize = MAGIC.len() + SALT_BYTES + CHECK_BYTES;
/// Bytes of a frame before its payload.
pub(super) const FRAME_HEAD_BYTES: usize = 16;

/// Makes the checks of one segment.
#[derive(Clone, Copy)]
pub(super) struct Salt([u8; SALT_BYTES]);

impl Salt {
    pub(super) fn draw() -> Self {
        let mut salt = [0; SALT_BYTES];
        for part in salt.chunks_exact_mut(size_of::<u64>()) {
            part.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
        }
        Self(salt)
    }

    pub(super) fn head(&self) -> Vec<u8> {
        [&MAGIC[..], &self.0, &self.check_salt()].concat()
    }

    /// The salt of a segment that starts with these bytes.
    pub(super) fn of(segment: &[u8]) -> Option<Self> {
        let (salt, rest) = segment.strip_prefix(&MAGIC)?.split_first_chunk()?;
        let salt = Self(*salt);
        rest.starts_with(&salt.check_salt()).then_some(salt)
    }

    /// Nothing if the payload is longer than a length can say.
    pub(super) fn frame(&self, payload: &[u8]) -> Option<Vec<u8>> {
        let length = u32::try_from(payload.len()).ok()?.to_le_bytes();
        Some(
            [&length[..], &self.check_length(length), &self.check(length, payload), payload]
                .concat(),
        )
    }

    /// How many bytes of payload follow a frame's head. Nothing if it is no head.
    pub(super) fn length(&self, head: &[u8]) -> Option<usize> {
        let (length, rest) = head.split_first_chunk()?;
        let sound = rest.starts_with(&self.check_length(*length));
        sound.then_some(u32::from_le_bytes(*length)).map(|length| length as usize)
    }

    /// The payload of the frame that `bytes` start with, if it is sound.
    pub(super) fn payload<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let length = self.length(bytes)?;
        let (head, rest) = bytes.split_at_checked(FRAME_HEAD_BYTES)?;
        let payload = rest.get(..length)?;
        let head_length = head.first_chunk()?;
        head.ends_with(&self.check(*head_length, payload)).then_some(payload)
    }

    /// Whether a sound frame starts anywhere in `bytes`.
    pub(super) fn finds_frame(&self, bytes: &[u8]) -> bool {
        (0..bytes.len()).any(|at| bytes.get(at..).is_some_and(|rest| self.payload(rest).is_some()))
    }

    fn check_length(&self, length: [u8; 4]) -> [u8; 4] {
        first(&CHECK_LENGTH, &[&self.0, &length])
    }

    fn check_salt(&self) -> [u8; CHECK_BYTES] {
        first(&CHECK_SALT, &[&self.0])
    }

    fn check(&self, length: [u8; 4], payload: &[u8]) -> [u8; CHECK_BYTES] {
        first(&CHECK, &[&self.0, &length, payload])
    }
}

/// The first bytes of a digest.
fn first<const LEN: usize>(domain: &Domain, parts: &[&[u8]]) -> [u8; LEN] {
    let mut hasher = domain.hasher();
    for part in parts {
        hasher.update(part);
    }
    let digest = hasher.finalize().to_bytes();
    core::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_gives_its_payload_back() {
        let salt = Salt::draw();
        for payload in [&b""[..], b"a", &[7; 1_000]] {
            let mut frame = salt.frame(payload).unwrap();
            assert_eq!(frame.len(), FRAME_HEAD_BYTES + payload.len());
            assert_eq!(salt.length(&frame), Some(payload.len()));
            frame.extend(b"what follows");
            assert_eq!(salt.payload(&frame), Some(payload));
        }
    }

    #[test]
    fn every_cut_and_every_flipped_bit_shows() {
        let salt = Salt::draw();
        let frame = salt.frame(b"three votes").unwrap();
        for end in 0..frame.len() {
            assert_eq!(salt.payload(&frame[..end]), None, "cut at {end}");
        }
        for bit in 0..frame.len() * 8 {
            let mut frame = frame.clone();
            frame[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(salt.payload(&frame), None, "bit {bit}");
        }
    }

    #[test]
    fn no_two_segments_accept_the_same_frame() {
        let (ours, theirs) = (Salt::draw(), Salt::draw());
        let frame = theirs.frame(b"as a peer would forge it").unwrap();
        assert_eq!(ours.payload(&frame), None);
        assert!(!ours.finds_frame(&[frame.clone(), frame].concat()));
    }

    #[test]
    fn a_frame_is_found_at_any_offset() {
        let salt = Salt::draw();
        let frame = salt.frame(b"payload").unwrap();
        for before in 0..40 {
            assert!(salt.finds_frame(&[vec![0xa5; before], frame.clone()].concat()));
        }
        assert!(!salt.finds_frame(&frame[1..]));
    }

    #[test]
    fn a_head_names_its_salt() {
        let salt = Salt::draw();
        let head = salt.head();
        assert_eq!(head.len(), HEAD_BYTES);
        assert_eq!(Salt::of(&head).unwrap().0, salt.0);
        assert!(Salt::of(&head[..HEAD_BYTES - 1]).is_none());
        for bit in 0..head.len() * 8 {
            let mut head = head.clone();
            head[bit / 8] ^= 1 << (bit % 8);
            assert!(Salt::of(&head).is_none(), "bit {bit}");
        }
    }
}
