//! A proof from a node, believed by nobody who has not checked it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{answering, answering_each};
use isonomy_client::{Client, ClientError, Known, Proof, ProofError, Proven, balance_key};
use isonomy_crypto::{
    Hash, STATE_LEAF, STATE_NODE, StateLeaf, StateProof, StateProofError, StateTerminal,
    state_path, state_value,
};
use isonomy_types::{Address, Amount, Encode, Header, KEY_BYTES_MAX, Seal, Version, Wall};
use serde_json::{Value, json};

const ALICE: Address = Address(Hash::from_bytes([1; 32]));
const NOBODY: Address = Address(Hash::from_bytes([9; 32]));

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A state in which Alice has 500 coins and 3 units of an asset, and the proof of both and of what
/// others have not.
fn state() -> (Header, Vec<Vec<u8>>, Value) {
    let asset = Some(Hash::from_bytes([7; 32]));
    let held = [(balance_key(ALICE, None), Amount(500)), (balance_key(ALICE, asset), Amount(3))];
    let leaf = |(key, value): &(Vec<u8>, Amount)| StateLeaf {
        path: state_path(key),
        value: state_value(&value.encode()),
    };
    let mut leaves = [leaf(&held[0]), leaf(&held[1])];
    leaves.sort();
    let bit = |path: &Hash, at: u16| path.as_bytes()[usize::from(at / 8)] >> (7 - at % 8) & 1;
    let fork = (0..256).find(|at| bit(&leaves[0].path, *at) != bit(&leaves[1].path, *at)).unwrap();
    let hash = |leaf: &StateLeaf| STATE_LEAF.join(&[leaf.path, leaf.value]);
    let mut root = STATE_NODE.join(&[hash(&leaves[0]), hash(&leaves[1])]);
    for at in (0..fork).rev() {
        let halves = [root, Hash::ZERO];
        let halves = if bit(&leaves[0].path, at) == 0 { halves } else { [halves[1], halves[0]] };
        root = STATE_NODE.join(&halves);
    }
    let terminals = leaves.map(|leaf| StateTerminal { depth: fork + 1, leaf: Some(leaf) });
    let paths = leaves.map(|leaf| leaf.path);
    let siblings = vec![Hash::ZERO; usize::from(fork)];
    let proof = StateProof::new(&paths, &terminals, siblings).unwrap();
    let header = Header {
        version: Version,
        parent: Hash::ZERO,
        height: 9,
        time: Wall(1),
        producer: ALICE,
        body_root: Hash::ZERO,
        state_root: root,
        receipts_root: Hash::ZERO,
        next_authority: Hash::ZERO,
        next_params: Hash::ZERO,
        seal: Seal::default(),
    };
    let reply = json!({
        "at": {"height": 9, "block": header.id()},
        "values": held.each_ref().map(|(_, amount)| hex(&amount.encode())),
        "proof": hex(&proof.encode()),
    });
    (header, held.map(|(key, _)| key).to_vec(), reply)
}

async fn ask(header: &Header, keys: &[Vec<u8>], reply: &Value) -> Result<Proven, ClientError> {
    let (node, _) = answering(&json!({ "result": reply }).to_string()).await;
    node.prove(header, keys).await
}

#[tokio::test]
async fn what_is_proved_is_believed_and_handed_on() {
    let (header, keys, reply) = state();
    let proven = ask(&header, &keys, &reply).await.unwrap();
    let asset = Some(Hash::from_bytes([7; 32]));
    assert_eq!(proven.balance(ALICE, None), Ok(Amount(500)));
    assert_eq!(proven.balance(ALICE, asset), Ok(Amount(3)));
    assert_eq!(proven.value(&keys[0]), Ok(Some(&*Amount(500).encode())));
    let unasked = proven.balance(NOBODY, None).unwrap_err();
    assert_eq!(unasked, ProofError::Unasked { key: hex(&balance_key(NOBODY, None)) });
    let balances = proven.balances().unwrap();
    let shown: Vec<_> = balances.iter().map(|it| (it.account, it.asset, it.balance)).collect();
    assert_eq!(shown, [(ALICE, None, Amount(500)), (ALICE, asset, Amount(3))]);

    let text = proven.proof().to_text();
    for known in [Known::Block(header.id()), Known::StateRoot(header.state_root)] {
        let read = Proof::from_text(text.as_bytes()).unwrap();
        assert_eq!(read.check(known).unwrap(), proven);
    }
    let read = || Proof::from_text(text.as_bytes()).unwrap();
    let (got, want) = (header.id(), Hash::from_bytes([5; 32]));
    assert_eq!(read().check(Known::Block(want)), Err(ProofError::Block { got, want }));
    let got = header.state_root;
    assert_eq!(read().check(Known::StateRoot(want)), Err(ProofError::StateRoot { got, want }));
}

#[tokio::test]
async fn a_node_that_lies_is_refused() {
    let (header, keys, reply) = state();
    let lie = |change: fn(&mut Value)| {
        let mut reply = reply.clone();
        change(&mut reply);
        reply
    };
    let more = hex(&Amount(501).encode());
    let richer = {
        let mut reply = reply.clone();
        reply["values"][0] = json!(more);
        reply
    };
    type Check = fn(&ProofError) -> bool;
    let table: [(Value, Check); 6] = [
        (richer, |why| matches!(why, ProofError::Wrong(StateProofError::Root { .. }))),
        (lie(|it| it["values"][1] = Value::Null), |why| {
            matches!(why, ProofError::Wrong(StateProofError::Present { .. }))
        }),
        (lie(|it| drop(it["values"].as_array_mut().unwrap().pop())), |why| {
            *why == ProofError::Values { got: 1, want: 2 }
        }),
        (lie(|it| it["at"] = json!({"height": 8, "block": "05".repeat(32)})), |why| {
            matches!(why, ProofError::Block { .. })
        }),
        (lie(|it| it["proof"] = json!("00")), |why| matches!(why, ProofError::Bytes(_))),
        (lie(|it| it["proof"] = json!("00".repeat(12))), |why| {
            *why == ProofError::Wrong(StateProofError::Short)
        }),
    ];
    for (reply, check) in table {
        let error = ask(&header, &keys, &reply).await.unwrap_err();
        let ClientError::Unproved { why, .. } = &error else { panic!("{error:?}") };
        assert!(check(why), "{why:?}");
        assert!(error.to_string().contains("ask again, or another node"), "{error}");
    }
    // The values of other keys than those asked about prove nothing of them.
    let swapped = [keys[1].clone(), keys[0].clone()];
    ask(&header, &swapped, &reply).await.unwrap_err();
    ask(&header, &[keys[0].clone(), balance_key(NOBODY, None)], &reply).await.unwrap_err();
}

fn shown(header: &Header) -> String {
    let (id, confirmations) = (header.id(), 1);
    let reply = json!({"id": id, "header": header, "confirmations": confirmations, "best": true});
    json!({ "result": reply }).to_string()
}

#[tokio::test]
async fn a_header_that_was_not_asked_for_is_refused() {
    let (header, keys, _) = state();
    let (node, questions) = answering_each(vec![shown(&header); 2]).await;
    let unproved = |error| match error {
        ClientError::Unproved { why, .. } => why,
        other => panic!("{other:?}"),
    };
    let error = node.prove_at(8, &keys).await.unwrap_err();
    assert_eq!(unproved(error), ProofError::Height { got: 9, want: 8 });
    let (got, want) = (header.id(), Hash::from_bytes([5; 32]));
    let error = node.prove_at(want, &keys).await.unwrap_err();
    assert_eq!(unproved(error), ProofError::Block { got, want });
    let questions = questions.await.unwrap();
    assert!(questions.iter().all(|question| question.contains("header")), "{questions:?}");
}

/// A block of the same height takes the place of the one whose header was read first.
#[tokio::test]
async fn a_chain_that_moves_is_asked_again() {
    let (header, keys, reply) = state();
    let gone = Header { producer: NOBODY, ..header.clone() };
    let reply = json!({ "result": reply }).to_string();
    let moved = [shown(&gone), reply.clone()];

    let settled = [shown(&header), reply.clone()];
    let (node, questions) = answering_each([moved.clone(), settled].concat()).await;
    let proven = node.prove_at(9, &keys).await.unwrap();
    assert_eq!((proven.header(), proven.balance(ALICE, None)), (&header, Ok(Amount(500))));
    assert_eq!(questions.await.unwrap().len(), 4);

    let (node, questions) = answering_each([moved.clone(), moved.clone(), moved].concat()).await;
    let error = node.prove_at(9, &keys).await.unwrap_err();
    let ClientError::Moved { height, got, want, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*height, *got, *want), (9, header.id(), gone.id()));
    assert!(error.to_string().contains("the chain moved while we asked: try again"), "{error}");
    assert_eq!(questions.await.unwrap().len(), 6);

    let (node, _) = answering(&reply).await;
    let error = node.prove(&gone, &keys).await.unwrap_err();
    assert!(matches!(error, ClientError::Moved { .. }), "{error:?}");
}

#[tokio::test]
async fn what_no_node_proves_at_once_is_not_sent() {
    let header = state().0;
    let nowhere = Client::new("127.0.0.1:1").unwrap();
    let error = nowhere.prove(&header, &vec![vec![0]; 33]).await.unwrap_err();
    assert_eq!(error, ClientError::Keys { what: "keys", got: 33, limit: 32 });
    let (got, limit) = (KEY_BYTES_MAX + 1, KEY_BYTES_MAX);
    let error = nowhere.prove(&header, &[vec![0; got]]).await.unwrap_err();
    assert_eq!(error, ClientError::Keys { what: "bytes of a key", got, limit });
}

/// Whatever digit of the proof, of a value or of the header is another.
#[tokio::test]
async fn no_altered_text_is_believed() {
    let (header, keys, reply) = state();
    let text = ask(&header, &keys, &reply).await.unwrap().proof().to_text();
    let honest: Value = serde_json::from_str(&text).unwrap();
    let digits: Vec<_> = text.match_indices(|char: char| char.is_ascii_hexdigit()).collect();
    let mut altered = 0;
    for (at, digit) in digits {
        let mut other = text.clone();
        other.replace_range(at..=at, if digit == "0" { "1" } else { "0" });
        // Letters of names make no proof, or the same one.
        let Ok(proof) = Proof::from_text(other.as_bytes()) else { continue };
        assert_ne!(serde_json::from_str::<Value>(&other).unwrap(), honest);
        proof.check(Known::Block(header.id())).expect_err(&other);
        altered += 1;
    }
    assert!(altered > 500, "{altered}");
}

#[test]
fn a_text_that_is_no_proof_says_why() {
    let table = [
        ("", "EOF"),
        ("{}", "missing field `version`"),
        (r#"{"version":1,"kind":"isonomy key"}"#, "its kind is not"),
        (r#"{"version":1,"kind":"isonomy proof"}"#, "missing field `header`"),
    ];
    for (text, words) in table {
        let error = Proof::from_text(text.as_bytes()).unwrap_err();
        assert!(matches!(error, ProofError::Text { .. }), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let newer = r#"{"version":2,"kind":"isonomy proof"}"#;
    let error = Proof::from_text(newer.as_bytes()).unwrap_err();
    assert_eq!(error, ProofError::Version { got: 2, limit: 1 });
    let endless = " ".repeat(isonomy_client::PROOF_TEXT_BYTES_MAX + 1);
    let error = Proof::from_text(endless.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("limit 16777216"), "{error}");
}
