use super::{Schedule, Target};
use crate::{Broken, MEMORY_BYTES_MAX, Rules, SealError, Step, Trail};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Authority, Blob, Certificate, Decode, Encode, Header, Seal, Wall};

const WORK: Domain = Domain::new("isonomy work 1");

/// The seal of a block with work: 16 bytes, both numbers little-endian.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize)]
pub struct WorkSeal {
    /// What the search counts.
    pub nonce: u64,
    /// Where the search goes on when every nonce is used up.
    pub extra: u64,
}

impl WorkSeal {
    /// Its length in bytes.
    pub const LEN: usize = 16;

    /// As a header carries it.
    #[must_use]
    pub fn seal(self) -> Seal {
        Blob::truncated(self.encode())
    }
}

/// The hash that must meet the target: of the 48 bytes seal hash, nonce and extra nonce.
#[must_use]
pub fn work_hash(seal_hash: &Hash, seal: WorkSeal) -> Hash {
    Puzzle::new(seal_hash, seal.extra).hash(seal.nonce)
}

/// What is hashed: seal hash, nonce, extra nonce. Only the nonce changes from try to try.
pub(super) struct Puzzle([u8; 48]);

impl Puzzle {
    pub(super) fn new(seal_hash: &Hash, extra: u64) -> Self {
        let mut bytes = [0; 48];
        bytes[..32].copy_from_slice(seal_hash.as_bytes());
        bytes[40..].copy_from_slice(&extra.to_le_bytes());
        Self(bytes)
    }

    pub(super) fn hash(&mut self, nonce: u64) -> Hash {
        self.0[32..40].copy_from_slice(&nonce.to_le_bytes());
        WORK.hash(&self.0)
    }
}

/// Proof of work: each header shows a [`work_hash`] that meets the target of its place.
///
/// The target follows the [`Schedule`] from genesis on, so the context of a check stays constant:
/// the parent's height and time, and genesis' own, which every [`Trail`] carries along. A header
/// weighs the hashes that its target takes on average. Certificates do not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Work {
    /// The chain's; it must pass [`Schedule::check`].
    pub schedule: Schedule,
}

/// Where the schedule is anchored.
#[derive(BorshSerialize, BorshDeserialize)]
struct Anchor {
    time: Wall,
    height: u64,
}

impl Work {
    /// What the work of a child of `parent` must meet.
    ///
    /// # Errors
    /// [`Broken::Memory`] if `parent` was not made by these rules.
    pub fn target(&self, parent: &Trail) -> Result<Target, Broken> {
        let memory = Broken::Memory { got: parent.memory.len() };
        let anchor = Anchor::decode_exact(&parent.memory).map_err(|_| memory)?;
        let blocks = parent.height.saturating_sub(anchor.height);
        let elapsed_ms = parent.time.0.saturating_sub(anchor.time.0);
        Ok(self.schedule.target(blocks, elapsed_ms))
    }
}

impl Rules for Work {
    fn step(&self, parent: &Trail, _: &Authority, header: &Header) -> Result<Step, Broken> {
        let target = self.target(parent)?;
        let length = SealError::Length { got: header.seal.len(), limit: WorkSeal::LEN };
        let seal = WorkSeal::decode_exact(&header.seal).map_err(|_| Broken::Seal(length))?;
        let got = work_hash(&header.seal_hash(), seal);
        if !target.met_by(got.as_bytes()) {
            let limit = Hash::from_bytes(target.value().to_big_endian());
            return Err(Broken::Seal(SealError::Work { got, limit }));
        }
        Ok(Step { weight: target.work(), memory: parent.memory.clone() })
    }

    fn certified(&self, _: &Authority, _: &Trail, _: &Certificate) -> Result<(), Broken> {
        Err(Broken::Certificate("work is never final"))
    }

    fn begin(&self, header: &Header) -> Blob<MEMORY_BYTES_MAX> {
        Blob::truncated(Anchor { time: header.time, height: header.height }.encode())
    }
}
