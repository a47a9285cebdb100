use super::proof::{Holds, Terminal};
use super::{STATE_LEAF, STATE_NODE, StateLeaf, StateProof, StateProofError};
use super::{state_paths, state_values};
use crate::Hash;
use alloc::vec::Vec;

impl StateProof {
    /// Checks that the state of this `root` holds, for each pair of a key and a value, the value, or
    /// the key not at all where there is `None`. In any order; a pair may come twice.
    ///
    /// The keys must be those that the proof was made for: of more it says nothing, and of fewer
    /// it has too much. No claims at all never verify. Takes a compression for each key, value, terminal leaf and node.
    ///
    /// # Errors
    /// Names the first rule that the proof breaks or the claim that it contradicts, see
    /// [`StateProofError`]. A wrong value shows as another root.
    pub fn verify(
        &self,
        root: &Hash,
        claims: &[(&[u8], Option<&[u8]>)],
    ) -> Result<(), StateProofError> {
        let mut asked = Vec::with_capacity(claims.len());
        state_paths(claims.iter().map(|(key, _)| *key), |path| {
            asked.push(Asked { index: asked.len(), path, value: None });
        });
        let present = asked.iter_mut().zip(claims).filter(|(_, (_, value))| value.is_some());
        let mut slots = present.map(|(asked, _)| asked);
        state_values(claims.iter().filter_map(|(_, value)| *value), |value| {
            if let Some(asked) = slots.next() {
                asked.value = Some(value);
            }
        });
        asked.sort_by_key(|asked| asked.path);
        let got = self.top(&asked)?;
        if got == *root { Ok(()) } else { Err(StateProofError::Root { got, want: *root }) }
    }

    /// The root that the claims, by path, and this proof make.
    pub(super) fn top(&self, asked: &[Asked]) -> Result<Hash, StateProofError> {
        let mut walk = Walk { proof: self, terminals: 0, marks: 0, siblings: 0 };
        let top = walk.subtree(asked, 0)?;
        walk.finish()?;
        Ok(top)
    }
}

/// A claim, hashed.
pub(super) struct Asked {
    pub(super) index: usize,
    pub(super) path: Hash,
    /// `None` where the key is to be absent.
    pub(super) value: Option<Hash>,
}

/// A walk from left to right, and how much it has used of each list.
struct Walk<'a> {
    proof: &'a StateProof,
    terminals: usize,
    marks: usize,
    siblings: usize,
}

impl Walk<'_> {
    /// The hash of a subtree, `depth` bits below the root, that the paths of `asked` lead into. Goes
    /// no deeper than the next terminal, hence at most 256 calls deep.
    fn subtree(&mut self, asked: &[Asked], depth: u16) -> Result<Hash, StateProofError> {
        if asked.is_empty() {
            return self.sibling();
        }
        let terminal = self.proof.terminals.get(self.terminals).ok_or(StateProofError::Short)?;
        if terminal.depth < depth {
            return Err(StateProofError::Above { got: terminal.depth, want: depth });
        }
        if terminal.depth == depth {
            self.terminals += 1;
            return terminal.hash(asked);
        }
        let halves = asked.split_at(asked.partition_point(|asked| !bit(&asked.path, depth)));
        let below = depth.saturating_add(1);
        let left = self.subtree(halves.0, below)?;
        let right = self.subtree(halves.1, below)?;
        Ok(STATE_NODE.join(&[left, right]))
    }

    fn sibling(&mut self) -> Result<Hash, StateProofError> {
        let marks = self.proof.marks.get(self.marks / 8).ok_or(StateProofError::Short)?;
        let mark = marks >> (self.marks % 8) & 1;
        self.marks += 1;
        if mark == 0 {
            return Ok(Hash::ZERO);
        }
        let sibling = self.proof.siblings.get(self.siblings).ok_or(StateProofError::Short)?;
        self.siblings += 1;
        Ok(*sibling)
    }

    /// Nothing is left. Marks past the last sibling would stand for hashes that are left.
    fn finish(&self) -> Result<(), StateProofError> {
        let used = (self.terminals, self.marks.div_ceil(8), self.siblings);
        let proof = self.proof;
        let all = (proof.terminals.len(), proof.marks.len(), proof.siblings.len());
        if used == all { Ok(()) } else { Err(StateProofError::Unused) }
    }
}

impl Terminal {
    /// The hash of a terminal that the paths of `asked` lead to, if the claims agree with it.
    fn hash(&self, asked: &[Asked]) -> Result<Hash, StateProofError> {
        match self.holds {
            Holds::Nothing => absent(asked).map(|()| Hash::ZERO),
            Holds::Asked => one(asked),
            Holds::Other(leaf) => self.other(leaf, asked),
        }
    }

    /// Every claim is of absence, and the leaf stands in its place.
    fn other(&self, leaf: StateLeaf, asked: &[Asked]) -> Result<Hash, StateProofError> {
        absent(asked)?;
        if let Some(Asked { index, .. }) = asked.iter().find(|asked| asked.path == leaf.path) {
            return Err(StateProofError::Present { index: *index });
        }
        let parts = |asked: &&Asked| shared_bits(&asked.path, &leaf.path) < self.depth;
        if let Some(Asked { index, .. }) = asked.first().filter(parts) {
            return Err(StateProofError::Elsewhere { index: *index, depth: self.depth });
        }
        Ok(STATE_LEAF.join(&[leaf.path, leaf.value]))
    }
}

fn absent(asked: &[Asked]) -> Result<(), StateProofError> {
    match asked.iter().find(|asked| asked.value.is_some()) {
        Some(Asked { index, .. }) => Err(StateProofError::Absent { index: *index }),
        None => Ok(()),
    }
}

/// The leaf of the one key that is claimed to be present; others are absent, since a leaf that is
/// alone leaves them no place.
fn one(asked: &[Asked]) -> Result<Hash, StateProofError> {
    let valued = |asked: &Asked| asked.value.map(|value| (asked.path, value));
    let Some((path, value)) = asked.iter().find_map(valued) else {
        let index = asked.first().map_or(0, |asked| asked.index);
        return Err(StateProofError::Present { index });
    };
    for Asked { index, path: other, value: claimed } in asked {
        let index = *index;
        match claimed {
            None if *other == path => return Err(StateProofError::Present { index }),
            Some(claimed) if (*other, *claimed) != (path, value) => {
                return Err(StateProofError::Contradiction { index });
            }
            _ => {}
        }
    }
    Ok(STATE_LEAF.join(&[path, value]))
}

/// Bits from the highest of the first byte that are the same in both.
fn shared_bits(one: &Hash, other: &Hash) -> u16 {
    let differ = |(one, other): (&u8, &u8)| one ^ other;
    let mut bits = 0_u16;
    for differ in one.as_bytes().iter().zip(other.as_bytes()).map(differ) {
        bits = bits.saturating_add(differ.leading_zeros() as u16);
        if differ != 0 {
            break;
        }
    }
    bits
}

fn bit(path: &Hash, index: u16) -> bool {
    let byte = path.as_bytes().get(usize::from(index / 8));
    byte.is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
}
