use super::StateProofError;
use crate::Hash;
use alloc::vec::Vec;
use borsh::{BorshDeserialize, BorshSerialize, io};
use serde::{Deserialize, Serialize};

/// Terminals in a [`StateProof`], at most; so many keys always fit. An encoded terminal of three bytes
/// takes 68 bytes of memory and up to 256 compressions to verify: this stops short proofs that cost
/// their reader much of either.
pub const STATE_PROOF_TERMINALS_MAX: usize = 512;

/// Bits of a path: two leaves part before, so none lies deeper, and a walk is no deeper either.
pub(super) const DEPTH_MAX: u16 = 256;

/// A pair of the state, as the tree knows it.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct StateLeaf {
    /// [`state_path`](crate::state_path) of its key.
    pub path: Hash,
    /// [`state_value`](crate::state_value) of its value.
    pub value: Hash,
}

/// Where a prover's walk from the root towards some keys ends: the first subtree that holds no
/// leaf, or one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StateTerminal {
    /// Nodes above it: bits that the paths of its keys share.
    pub depth: u16,
    /// The one leaf of the subtree.
    pub leaf: Option<StateLeaf>,
}

/// Proof of what a state says about some keys, present and absent ones alike, against its root.
///
/// The keys' paths lead from the root to terminals, subtrees of one leaf or none; what the ways have
/// in common is there once. Beside them lie siblings, subtrees that hold no key asked about, in the
/// order of a walk from left to right. For a tree and a set of keys there is one proof: nothing is
/// left to choose, and no changed byte of it verifies.
///
/// # Bytes
/// borsh, numbers little-endian:
/// ```text
/// u32   terminals, at most 512; then for each, by path
///         u16  depth, at most 256
///         u8   0: empty · 1: the leaf of a key asked about · 2: another leaf, then
///              32 bytes its path, 32 bytes its value's digest
/// u32   bytes of marks; then the marks: a bit a sibling, from the lowest of the first byte:
///         0: an empty subtree · 1: a hash below; bits past the last are zeros
/// u32   hashes; then 32 bytes each
/// ```
/// The leaf of a key asked about costs three bytes, since whoever asks has key and value. One key
/// among n takes about log₂ n siblings of 32 bytes and a bit: some 680 bytes in 1 000 000. An empty
/// sibling costs its bit.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct StateProof {
    pub(super) terminals: Vec<Terminal>,
    pub(super) marks: Vec<u8>,
    pub(super) siblings: Vec<Hash>,
}

/// A terminal, where a leaf that was asked about need not be spelt out.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub(super) struct Terminal {
    pub(super) depth: u16,
    pub(super) holds: Holds,
}

#[derive(
    Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub(super) enum Holds {
    Nothing,
    Asked,
    Other(StateLeaf),
}

impl StateProof {
    /// Puts a proof together, as a prover does who walked a tree.
    ///
    /// `paths` are those of the keys, sorted. `terminals` and `siblings` are what a walk meets that
    /// begins at the root and takes each node's left half before its right: where no path leads
    /// into a half, that is a sibling ([`Hash::ZERO`] when empty); where one does and the half has
    /// no leaf or one, a terminal; otherwise the walk goes on in it.
    ///
    /// Nothing here says that the parts fit together: [`verify`](Self::verify) does. No paths make a
    /// proof that never verifies.
    ///
    /// # Errors
    /// More terminals or siblings than the limits, or a terminal too deep.
    pub fn new(
        paths: &[Hash],
        terminals: &[StateTerminal],
        siblings: impl IntoIterator<Item = Hash>,
    ) -> Result<Self, StateProofError> {
        let holds = |leaf: StateLeaf| match paths.binary_search(&leaf.path) {
            Ok(_) => Holds::Asked,
            Err(_) => Holds::Other(leaf),
        };
        let terminal = |terminal: &StateTerminal| Terminal {
            depth: terminal.depth,
            holds: terminal.leaf.map_or(Holds::Nothing, holds),
        };
        let terminals = terminals.iter().map(terminal).collect();
        let siblings = siblings.into_iter();
        let (room, _) = siblings.size_hint();
        let marks = Vec::with_capacity(room.div_ceil(8));
        let mut proof = Self { terminals, marks, siblings: Vec::with_capacity(room) };
        for (at, sibling) in siblings.enumerate() {
            if at % 8 == 0 {
                proof.marks.push(0);
            }
            if let (Some(marks), true) = (proof.marks.last_mut(), sibling != Hash::ZERO) {
                *marks |= 1 << (at % 8);
                proof.siblings.push(sibling);
            }
        }
        proof.checked()
    }

    /// What holds for every proof, of whatever keys.
    fn checked(self) -> Result<Self, StateProofError> {
        let (got, limit) = (self.terminals.len(), STATE_PROOF_TERMINALS_MAX);
        if got > limit {
            return Err(StateProofError::Terminals { got, limit });
        }
        let deepest = self.terminals.iter().map(|terminal| terminal.depth).max();
        if let Some(got) = deepest.filter(|got| *got > DEPTH_MAX) {
            return Err(StateProofError::Depth { got, limit: DEPTH_MAX });
        }
        let limit = siblings_max(self.terminals.len());
        let marked = self.marks.len().saturating_mul(8);
        if marked > limit {
            return Err(StateProofError::Siblings { got: marked, limit });
        }
        if let Some(index) = self.siblings.iter().position(|sibling| *sibling == Hash::ZERO) {
            return Err(StateProofError::ZeroSibling { index });
        }
        let want = self.marks.iter().map(|marks| marks.count_ones() as usize).sum();
        let got = self.siblings.len();
        if got == want { Ok(self) } else { Err(StateProofError::Marks { got, want }) }
    }
}

/// Siblings beside so many terminals, at most.
fn siblings_max(terminals: usize) -> usize {
    terminals.saturating_mul(DEPTH_MAX.into())
}

impl BorshDeserialize for StateProof {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let limit = STATE_PROOF_TERMINALS_MAX;
        let terminals: Vec<Terminal> =
            bounded(reader, limit, |got| StateProofError::Terminals { got, limit })?;
        let limit = siblings_max(terminals.len());
        let marks = bounded(reader, limit / 8, |got| StateProofError::Siblings {
            got: got.saturating_mul(8),
            limit,
        })?;
        let siblings = bounded(reader, limit, |got| StateProofError::Siblings { got, limit })?;
        Self { terminals, marks, siblings }.checked().map_err(invalid)
    }
}

/// A list that grows as its items arrive, whatever length is claimed.
fn bounded<T: BorshDeserialize, R: io::Read>(
    reader: &mut R,
    limit: usize,
    error: impl FnOnce(usize) -> StateProofError,
) -> io::Result<Vec<T>> {
    let got = u32::deserialize_reader(reader)? as usize;
    if got > limit {
        return Err(invalid(error(got)));
    }
    (0..got).map(|_| T::deserialize_reader(reader)).collect()
}

fn invalid(error: StateProofError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, alloc::format!("{error}"))
}

/// What serde reads, before it is looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    terminals: Vec<Terminal>,
    marks: Vec<u8>,
    siblings: Vec<Hash>,
}

impl TryFrom<Parts> for StateProof {
    type Error = StateProofError;

    fn try_from(parts: Parts) -> Result<Self, StateProofError> {
        let Parts { terminals, marks, siblings } = parts;
        Self { terminals, marks, siblings }.checked()
    }
}
