use crate::State;
use isonomy_crypto::{Domain, Hash};

const KEY: Domain = Domain::new("isonomy state key 1");
const KEY_SHORT: Domain = Domain::new("isonomy state key short 1");
const VALUE: Domain = Domain::new("isonomy state value 1");
const VALUE_SHORT: Domain = Domain::new("isonomy state value short 1");
const LEAF: Domain = Domain::new("isonomy state leaf 1");
const NODE: Domain = Domain::new("isonomy state node 1");
const LIST_NODE: Domain = Domain::new("isonomy list node 1");
const LIST_ROOT: Domain = Domain::new("isonomy list root 1");

/// The root over all pairs: a binary tree in which a pair's place is its key's hash, bit by bit from
/// the highest. What is alone below a node takes its place, and nothing is zeros.
#[must_use]
pub fn state_root(state: &State) -> Hash {
    let leaf = |(key, value): (&Vec<u8>, &Vec<u8>)| {
        let path = framed(key, KEY_SHORT, KEY);
        (path, LEAF.join(&[path, framed(value, VALUE_SHORT, VALUE)]))
    };
    let mut leaves: Vec<(Hash, Hash)> = state.iter().map(leaf).collect();
    leaves.sort();
    below(&leaves, 0)
}

/// What fits one block of 64 bytes with its length before it fills that block; the rest is hashed as
/// it is.
fn framed(bytes: &[u8], short: Domain, long: Domain) -> Hash {
    if bytes.len() > 63 {
        return long.hash(bytes);
    }
    let mut block = [0; 64];
    block[0] = bytes.len() as u8;
    block[1..=bytes.len()].copy_from_slice(bytes);
    short.hash(&block)
}

fn below(leaves: &[(Hash, Hash)], bit: usize) -> Hash {
    match leaves {
        [] => Hash::ZERO,
        [(_, alone)] => *alone,
        _ => {
            let one = |(path, _): &(Hash, Hash)| path.as_bytes()[bit / 8] >> (7 - bit % 8) & 1 == 1;
            let (right, left): (Vec<_>, Vec<_>) = leaves.iter().copied().partition(one);
            NODE.join(&[below(&left, bit + 1), below(&right, bit + 1)])
        }
    }
}

/// The root over a list: RFC 6962, section 2.1, with the number of leaves bound in.
#[must_use]
pub fn list_root(leaves: &[Hash]) -> Hash {
    let mut bytes = (leaves.len() as u64).to_le_bytes().to_vec();
    bytes.extend(list_top(leaves).as_bytes());
    LIST_ROOT.hash(&bytes)
}

/// The left half is the largest power of two that leaves something for the right.
fn list_top(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::ZERO,
        [alone] => *alone,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            LIST_NODE.join(&[list_top(left), list_top(right)])
        }
    }
}
