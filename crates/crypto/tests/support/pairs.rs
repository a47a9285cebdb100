//! A state of pairs, its root, its proofs, and a proof's bytes taken apart.
#![allow(dead_code, clippy::unwrap_used)]

use super::state;
use super::{Hash, StateLeaf, StateProof, StateProofError, state_path, state_value};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs(pub(crate) BTreeMap<Vec<u8>, Vec<u8>>);

impl Pairs {
    /// Keys and values that follow from their numbers.
    pub(crate) fn numbered(count: usize) -> Self {
        Self((0..count).map(|number| (key(number), value(number))).collect())
    }

    fn leaves(&self) -> Vec<StateLeaf> {
        let leaf = |(key, value): (&Vec<u8>, &Vec<u8>)| StateLeaf {
            path: state_path(key),
            value: state_value(value),
        };
        let mut leaves: Vec<StateLeaf> = self.0.iter().map(leaf).collect();
        leaves.sort_unstable();
        leaves
    }

    pub(crate) fn root(&self) -> Hash {
        state::root(&self.leaves(), 0)
    }

    pub(crate) fn prove(&self, keys: &[Vec<u8>]) -> Result<StateProof, StateProofError> {
        let paths: Vec<Hash> = keys.iter().map(|key| state_path(key)).collect();
        state::prove(&self.leaves(), &paths)
    }

    /// The truth about `keys`.
    pub(crate) fn claims<'a>(&'a self, keys: &'a [Vec<u8>]) -> Vec<Claim<'a>> {
        keys.iter().map(|key| (&key[..], self.0.get(key).map(Vec::as_slice))).collect()
    }
}

pub(crate) type Claim<'a> = (&'a [u8], Option<&'a [u8]>);

pub(crate) fn key(number: usize) -> Vec<u8> {
    format!("key {number}").into_bytes()
}

pub(crate) fn value(number: usize) -> Vec<u8> {
    format!("value {number}").into_bytes()
}

/// A proof of any parts, as a forger would send it.
#[derive(Clone, PartialEq, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct Raw {
    pub(crate) terminals: Vec<(u16, Holds)>,
    pub(crate) marks: Vec<u8>,
    pub(crate) siblings: Vec<Hash>,
}

#[derive(Clone, Copy, PartialEq, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) enum Holds {
    Nothing,
    Asked,
    Other(Hash, Hash),
}

impl Raw {
    pub(crate) fn of(proof: &StateProof) -> Self {
        borsh::from_slice(&borsh::to_vec(proof).unwrap()).unwrap()
    }

    pub(crate) fn forge(&self) -> Result<StateProof, borsh::io::Error> {
        borsh::from_slice(&borsh::to_vec(self).unwrap())
    }

    /// Whether it decodes and verifies.
    pub(crate) fn passes(&self, root: &Hash, claims: &[Claim]) -> bool {
        self.forge().is_ok_and(|proof| proof.verify(root, claims).is_ok())
    }
}
