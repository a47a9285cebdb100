//! Proofs of a state: one encoding, and of all that decodes only the honest proof verifies.
use isonomy_crypto::{
    Hash, STATE_LEAF, STATE_NODE, StateLeaf, StateProof, StateTerminal, state_path, state_value,
};
use isonomy_types::{Decode, Encode};
use std::sync::LazyLock;

/// What is asked of a small state, and the proof that answers.
struct Question {
    claims: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    answer: Vec<u8>,
}

/// A state's root, and questions to it.
struct State {
    root: Hash,
    questions: Vec<Question>,
}

/// Pairs of the state. Keys of higher numbers are absent.
const PAIRS: u8 = 12;

static STATE: LazyLock<State> = LazyLock::new(|| {
    let mut leaves: Vec<StateLeaf> = (0..PAIRS).map(leaf).collect();
    leaves.sort_unstable();
    let keys: [&[u8]; 6] = [&[0], &[40], &[41], &[1, 2], &[3, 42, 43, 4], &[9, 9, 44]];
    let questions = keys.iter().map(|keys| question(&leaves, keys)).collect();
    State { root: root(&leaves, 0), questions }
});

/// Reads the bytes as a proof, and asks it all questions.
pub fn proof(data: &[u8]) {
    let Ok(proof) = StateProof::decode_exact(data) else { return };
    assert_eq!(proof.encode(), data, "one value, one encoding");
    let text = serde_json::to_string(&proof).expect("every proof has a spelling");
    assert_eq!(serde_json::from_str::<StateProof>(&text).expect("we read what we write"), proof);
    for Question { claims, answer } in &STATE.questions {
        let claims: Vec<_> =
            claims.iter().map(|(key, value)| (&key[..], value.as_deref())).collect();
        let proves = proof.verify(&STATE.root, &claims).is_ok();
        assert_eq!(proves, data == answer, "one proof for a state and some keys");
        let denied: Vec<_> = claims.iter().map(|(key, value)| (*key, denial(*value))).collect();
        assert!(proof.verify(&STATE.root, &denied).is_err(), "and none for what is not so");
    }
}

fn denial(value: Option<&[u8]>) -> Option<&[u8]> {
    if value.is_some() { None } else { Some(b"value") }
}

pub(crate) fn proofs() -> Vec<Vec<u8>> {
    STATE.questions.iter().map(|question| question.answer.clone()).collect()
}

fn leaf(number: u8) -> StateLeaf {
    StateLeaf { path: state_path(&[number]), value: state_value(&[number; 3]) }
}

fn question(leaves: &[StateLeaf], keys: &[u8]) -> Question {
    let value = |key: &u8| (*key < PAIRS).then(|| vec![*key; 3]);
    let claims = keys.iter().map(|key| (vec![*key], value(key))).collect();
    let mut paths: Vec<Hash> = keys.iter().map(|key| state_path(&[*key])).collect();
    paths.sort_unstable();
    let (mut terminals, mut siblings) = (Vec::new(), Vec::new());
    walk(leaves, &paths, 0, &mut terminals, &mut siblings);
    let proof = StateProof::new(&paths, &terminals, siblings).expect("few keys fit");
    Question { claims, answer: proof.encode() }
}

fn walk(
    leaves: &[StateLeaf],
    paths: &[Hash],
    depth: u16,
    terminals: &mut Vec<StateTerminal>,
    siblings: &mut Vec<Hash>,
) {
    if paths.is_empty() {
        siblings.push(root(leaves, depth));
    } else if leaves.len() < 2 {
        terminals.push(StateTerminal { depth, leaf: leaves.first().copied() });
    } else {
        let (left, right) = leaves.split_at(leaves.partition_point(|leaf| !bit(&leaf.path, depth)));
        let (lows, highs) = paths.split_at(paths.partition_point(|path| !bit(path, depth)));
        walk(left, lows, depth + 1, terminals, siblings);
        walk(right, highs, depth + 1, terminals, siblings);
    }
}

fn root(leaves: &[StateLeaf], depth: u16) -> Hash {
    match leaves {
        [] => Hash::ZERO,
        [leaf] => STATE_LEAF.join(&[leaf.path, leaf.value]),
        _ => {
            let (left, right) =
                leaves.split_at(leaves.partition_point(|leaf| !bit(&leaf.path, depth)));
            STATE_NODE.join(&[root(left, depth + 1), root(right, depth + 1)])
        }
    }
}

fn bit(path: &Hash, index: u16) -> bool {
    path.as_bytes()[usize::from(index / 8)] & (0x80 >> (index % 8)) != 0
}
