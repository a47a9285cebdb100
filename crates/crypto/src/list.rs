use crate::{Domain, Hash};
use alloc::{format, string::String, vec::Vec};
use borsh::{BorshDeserialize, BorshSerialize, io};
use serde::{Deserialize, Deserializer, Serialize, de};

const NODE: Domain = Domain::new("isonomy list node 1");
const ROOT: Domain = Domain::new("isonomy list root 1");

/// Siblings in a proof, at most: a `u32` counts the leaves, so a tree is at most 32 deep. A decoder
/// that trusted the length it is told would let a short message ask for any amount of memory.
const SIBLINGS_MAX: usize = 32;

/// The root over `leaves`, in order.
///
/// Nodes pair up row by row, an odd last one rises unpaired: the shape of RFC 6962, section 2.1.
/// The root binds the number of leaves, so no list is another's prefix or repeats its tail. Leaves
/// are hashes out of a domain of the caller's; inner nodes have their own, so neither poses as
/// the other.
pub fn list_root(leaves: &[Hash]) -> Hash {
    let mut row = leaves.to_vec();
    while row.len() > 1 {
        row = parents(&row);
    }
    root_over(leaves.len() as u64, row.first().unwrap_or(&Hash::ZERO))
}

fn root_over(count: u64, top: &Hash) -> Hash {
    ROOT.hasher().update(&count.to_le_bytes()).update(top.as_bytes()).finalize()
}

fn parents(row: &[Hash]) -> Vec<Hash> {
    let (pairs, alone) = row.as_chunks();
    let mut parents = Vec::with_capacity(row.len().div_ceil(2));
    NODE.join_all(pairs.iter().copied(), |parent| parents.push(parent));
    parents.extend(alone);
    parents
}

/// Proof that a leaf stands at one position of a list of known root.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListProof {
    index: u32,
    count: u32,
    #[borsh(deserialize_with = "borsh_siblings")]
    #[serde(deserialize_with = "serde_siblings")]
    siblings: Vec<Hash>,
}

impl ListProof {
    /// Proves the leaf at `index`. `None` when there is none, or more than `u32::MAX` leaves.
    pub fn new(leaves: &[Hash], index: u32) -> Option<Self> {
        let count = u32::try_from(leaves.len()).ok().filter(|count| index < *count)?;
        let (mut row, mut at, mut siblings) = (leaves.to_vec(), index as usize, Vec::new());
        while row.len() > 1 {
            siblings.extend(row.get(at ^ 1).copied());
            row = parents(&row);
            at /= 2;
        }
        Some(Self { index, count, siblings })
    }

    /// The leaf's position, from zero.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Leaves in the list.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Checks that `leaf` stands at `index` of the list whose [`list_root`] is `root`.
    ///
    /// # Errors
    /// Names the rule this proof breaks, see [`ProofError`].
    pub fn verify(&self, root: &Hash, leaf: &Hash, index: u32) -> Result<(), ProofError> {
        if self.index != index {
            return Err(ProofError::Position { got: self.index, want: index });
        }
        if index >= self.count {
            return Err(ProofError::Index { got: index, limit: self.count });
        }
        let want = sides(index, self.count).count();
        if self.siblings.len() != want {
            return Err(ProofError::Siblings { got: self.siblings.len(), want });
        }
        let got = root_over(self.count.into(), &self.top(leaf));
        if got != *root {
            return Err(ProofError::Root { got, want: *root });
        }
        Ok(())
    }

    /// The top of the tree that `leaf` and the siblings make.
    fn top(&self, leaf: &Hash) -> Hash {
        let steps = sides(self.index, self.count);
        steps.zip(&self.siblings).fold(*leaf, |node, (side, sibling)| match side {
            Side::Left => NODE.join(&[*sibling, node]),
            Side::Right => NODE.join(&[node, *sibling]),
        })
    }
}

/// Where a node's sibling stands.
enum Side {
    Left,
    Right,
}

/// The side of each sibling on the way from the leaf at `index` to the top, unpaired rows left out.
fn sides(index: u32, count: u32) -> impl Iterator<Item = Side> {
    let last = count.saturating_sub(1);
    let row = move |height: u32| (index >> height, last >> height);
    (0..u32::BITS).map(row).take_while(|(_, last)| *last > 0).filter_map(|(at, last)| match at {
        odd if odd % 2 == 1 => Some(Side::Left),
        even if even < last => Some(Side::Right),
        _ => None,
    })
}

fn borsh_siblings<R: io::Read>(reader: &mut R) -> io::Result<Vec<Hash>> {
    let got = u32::deserialize_reader(reader)? as usize;
    if got > SIBLINGS_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, too_many(got)));
    }
    (0..got).map(|_| Hash::deserialize_reader(reader)).collect()
}

fn serde_siblings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Hash>, D::Error> {
    let siblings: Vec<Hash> = Deserialize::deserialize(deserializer)?;
    if siblings.len() > SIBLINGS_MAX {
        return Err(de::Error::custom(too_many(siblings.len())));
    }
    Ok(siblings)
}

fn too_many(got: usize) -> String {
    format!("got {got} siblings, limit {SIBLINGS_MAX}")
}

/// Why a [`ListProof`] does not prove.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofError {
    /// It is about another position.
    #[error("the proof is for position {got}, want {want}")]
    Position {
        /// The proof's position.
        got: u32,
        /// The position asked about.
        want: u32,
    },
    /// The position lies past the end of the list.
    #[error("the position is {got} in a list of {limit}")]
    Index {
        /// The proof's position.
        got: u32,
        /// Leaves in the list, by the proof.
        limit: u32,
    },
    /// The number of siblings is not that of the position.
    #[error("got {got} siblings, want {want}")]
    Siblings {
        /// Siblings in the proof.
        got: usize,
        /// Siblings on the way from the position to the top.
        want: usize,
    },
    /// Leaf and siblings make another root.
    #[error("the proof's root is {got}, want {want}")]
    Root {
        /// The root they make.
        got: Hash,
        /// The root asked about.
        want: Hash,
    },
}
