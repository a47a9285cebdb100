#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! What a proof of the state says, its bytes, and its errors one by one.

#[path = "support/pairs.rs"]
mod pairs;
#[path = "support/state.rs"]
mod state;

use isonomy_crypto::{
    Hash, STATE_LEAF, STATE_NODE, STATE_PROOF_TERMINALS_MAX, StateLeaf, StateProof,
    StateProofError, StateTerminal, state_path, state_value,
};
use pairs::{Holds, Pairs, Raw, key, value};

#[test]
fn presence_absence_and_both_at_once() {
    let pairs = Pairs::numbered(100);
    let root = pairs.root();
    for keys in [vec![key(7)], vec![key(100)], vec![key(99), key(200), key(0), key(1)]] {
        let proof = pairs.prove(&keys).unwrap();
        assert_eq!(proof.verify(&root, &pairs.claims(&keys)), Ok(()));
    }
}

#[test]
fn the_empty_state_and_the_lone_pair() {
    let empty = Pairs::default();
    let proof = empty.prove(&[key(1), key(2)]).unwrap();
    assert_eq!(proof.verify(&Hash::ZERO, &[(&key(1), None), (&key(2), None)]), Ok(()));
    let verdict = proof.verify(&Hash::ZERO, &[(&key(2), None), (&key(1), Some(b"value"))]);
    assert_eq!(verdict, Err(StateProofError::Absent { index: 1 }));

    let lone = Pairs::numbered(1);
    let root = STATE_LEAF.join(&[state_path(&key(0)), state_value(&value(0))]);
    assert_eq!(lone.root(), root);
    let keys = [key(0), key(1)];
    let proof = lone.prove(&keys).unwrap();
    assert_eq!(proof.verify(&root, &[(&key(1), None), (&key(0), Some(&value(0)))]), Ok(()));
    assert_eq!(borsh::to_vec(&proof).unwrap(), [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
}

/// Three pairs: two that part in bit 2, one on the other side of bit 0.
#[test]
fn a_proof_s_bytes_are_frozen() {
    let number = |bits: &str| {
        let starts = |number: &usize| {
            let first = state_path(&key(*number)).as_bytes()[0];
            format!("{first:08b}").starts_with(bits)
        };
        (0..).find(starts).unwrap()
    };
    let [low, high, other] = ["000", "001", "1"].map(number);
    let all = [low, high, other];
    let pairs = Pairs(all.iter().map(|number| (key(*number), value(*number))).collect());
    let leaves = all.map(|number| {
        let (path, value) = (state_path(&key(number)), state_value(&value(number)));
        (path, value, STATE_LEAF.join(&[path, value]))
    });
    let fork = STATE_NODE.join(&[leaves[0].2, leaves[1].2]);
    let inner = STATE_NODE.join(&[fork, Hash::ZERO]);
    assert_eq!(pairs.root(), STATE_NODE.join(&[inner, leaves[2].2]));

    // The low key: its neighbour, an empty half, the other side.
    let proof = pairs.prove(&[key(low)]).unwrap();
    let (near, far) = (leaves[1].2.to_bytes(), leaves[2].2.to_bytes());
    let head = [1, 0, 0, 0, 3, 0, 1, 1, 0, 0, 0, 0b101, 2, 0, 0, 0];
    let want = [&head[..], &near, &far].concat();
    assert_eq!(borsh::to_vec(&proof).unwrap(), want);
    assert_eq!(borsh::from_slice::<StateProof>(&want).unwrap(), proof);

    let json = format!(
        r#"{{"terminals":[{{"depth":3,"holds":"asked"}}],"marks":[5],"siblings":["{}","{}"]}}"#,
        leaves[1].2, leaves[2].2
    );
    assert_eq!(serde_json::to_string(&proof).unwrap(), json);
    assert_eq!(serde_json::from_str::<StateProof>(&json).unwrap(), proof);

    // Two absent keys, one in the empty half and one where the other leaf stands.
    let beside = (0..)
        .find(|number| state_path(&key(*number)).as_bytes()[0] >> 7 == 1 && *number != other)
        .unwrap();
    let gap = number("01");
    let keys = [key(gap), key(beside)];
    let proof = pairs.prove(&keys).unwrap();
    let (path, value) = (leaves[2].0.to_bytes(), leaves[2].1.to_bytes());
    let head = [2, 0, 0, 0, 2, 0, 0, 1, 0, 2];
    let tail = [1, 0, 0, 0, 1, 1, 0, 0, 0];
    let want = [&head[..], &path, &value, &tail, fork.as_bytes()].concat();
    assert_eq!(borsh::to_vec(&proof).unwrap(), want);
    let json = serde_json::to_string(&proof).unwrap();
    let holds = format!(
        r#"[{{"depth":2,"holds":"nothing"}},{{"depth":1,"holds":{{"other":{{"path":"{}","value":"{}"}}}}}}]"#,
        leaves[2].0, leaves[2].1
    );
    assert!(json.contains(&holds), "{json}");
    assert_eq!(serde_json::from_str::<StateProof>(&json).unwrap(), proof);
    assert_eq!(proof.verify(&pairs.root(), &pairs.claims(&keys)), Ok(()));
}

/// What the documents say of sizes; a hundred keys share the upper parts of their ways.
#[test]
fn a_proof_s_size() {
    let pairs = Pairs::numbered(20_000);
    let bytes = |keys: &[Vec<u8>]| borsh::to_vec(&pairs.prove(keys).unwrap()).unwrap().len();
    let sizes: Vec<usize> = (0..20).map(|number| bytes(&[key(number * 997)])).collect();
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    assert!((450..520).contains(&mean), "{mean} bytes in mean");
    let hundred: Vec<_> = (0..100).map(|number| key(number * 199)).collect();
    assert!(bytes(&hundred) < 100 * mean * 6 / 10, "{} for a hundred", bytes(&hundred));
}

#[test]
fn other_claims_have_their_errors() {
    let pairs = Pairs::numbered(100);
    let root = pairs.root();
    let (there, absent) = (key(7), key(100));
    let proof = pairs.prove(std::slice::from_ref(&there)).unwrap();
    let verify = |claims: &[_]| proof.verify(&root, claims);
    assert_eq!(verify(&[(&there, None)]), Err(StateProofError::Present { index: 0 }));
    let wrong = verify(&[(&there, Some(b"value 8"))]);
    assert!(matches!(wrong, Err(StateProofError::Root { want, .. }) if want == root));
    assert_eq!(verify(&[]), Err(StateProofError::Unused));

    let proof = pairs.prove(std::slice::from_ref(&absent)).unwrap();
    let verdict = proof.verify(&root, &[(&absent, Some(b"value"))]);
    assert_eq!(verdict, Err(StateProofError::Absent { index: 0 }));

    // The leaf in an absent key's place shows nothing about its own key, nor about a far one.
    let Some(Holds::Other(path, _)) = Raw::of(&proof).terminals.first().map(|end| end.1) else {
        panic!("an empty subtree")
    };
    let near = (0..100).map(key).find(|key| state_path(key) == path).unwrap();
    assert_eq!(proof.verify(&root, &[(&near, None)]), Err(StateProofError::Present { index: 0 }));
    let far = (101..200).map(key).find(|key| state_path(key).as_bytes()[0] != path.as_bytes()[0]);
    let depth = Raw::of(&proof).terminals[0].0;
    let verdict = proof.verify(&root, &[(&far.unwrap(), None)]);
    assert_eq!(verdict, Err(StateProofError::Elsewhere { index: 0, depth }));
}

#[test]
fn fewer_or_more_keys_than_proved() {
    let pairs = Pairs::numbered(100);
    let root = pairs.root();
    let keys: Vec<_> = [3, 30, 150, 60].map(key).into();
    let proof = pairs.prove(&keys).unwrap();
    assert_eq!(proof.verify(&root, &pairs.claims(&keys)), Ok(()));
    for gone in 0..keys.len() {
        let mut fewer = keys.clone();
        fewer.remove(gone);
        assert!(proof.verify(&root, &pairs.claims(&fewer)).is_err(), "without {gone}");
    }
    let alone = proof.verify(&root, &pairs.claims(&keys[..1]));
    assert!(alone.is_err(), "{alone:?}");
    let more: Vec<_> = keys.iter().cloned().chain([key(61), key(62), key(63)]).collect();
    assert!(proof.verify(&root, &pairs.claims(&more)).is_err());

    let nothing = StateProof::new(&[], &[], []).unwrap();
    assert_eq!(nothing.verify(&root, &[]), Err(StateProofError::Short));
    assert_eq!(nothing.verify(&root, &pairs.claims(&keys)), Err(StateProofError::Short));
    assert_eq!(nothing.verify(&Hash::ZERO, &[]), Err(StateProofError::Short));
}

#[test]
fn limits() {
    let terminal = StateTerminal { depth: 10, leaf: None };
    let (got, limit) = (STATE_PROOF_TERMINALS_MAX + 1, STATE_PROOF_TERMINALS_MAX);
    assert!(StateProof::new(&[], &vec![terminal; limit], []).is_ok());
    let error = StateProofError::Terminals { got, limit };
    assert_eq!(StateProof::new(&[], &vec![terminal; got], []), Err(error));

    let pairs = Pairs::numbered(2_000);
    let keys: Vec<_> = (0..limit).map(key).collect();
    let proof = pairs.prove(&keys).unwrap();
    assert_eq!(proof.verify(&pairs.root(), &pairs.claims(&keys)), Ok(()));
    let keys: Vec<_> = (0..got).map(key).collect();
    assert_eq!(pairs.prove(&keys), Err(error));

    let sibling = || [Hash::ZERO; 257].into_iter();
    let error = StateProofError::Siblings { got: 264, limit: 256 };
    assert_eq!(StateProof::new(&[], &[terminal], sibling()), Err(error));
    let error = StateProofError::Siblings { got: 8, limit: 0 };
    assert_eq!(StateProof::new(&[], &[], sibling().take(1)), Err(error));
}

#[test]
fn a_proof_is_looked_at_when_it_is_decoded() {
    let hash = state_path(b"sibling");
    let depth =
        |depth| Raw { terminals: vec![(depth, Holds::Asked)], marks: vec![], siblings: vec![] };
    let marks = |marks: &[u8], siblings: &[Hash]| Raw {
        marks: marks.to_vec(),
        siblings: siblings.to_vec(),
        ..depth(2)
    };
    let table = [
        (depth(256), Ok(())),
        (depth(257), Err("got a terminal at depth 257, limit 256")),
        (marks(&[0], &[]), Ok(())),
        (marks(&[0; 33], &[]), Err("got 264 siblings, limit 256")),
        (marks(&[1], &[hash]), Ok(())),
        (marks(&[1], &[Hash::ZERO]), Err("sibling 0 is zero, which is a mark's to say")),
        (marks(&[3], &[hash]), Err("got 1 siblings, the marks say 2")),
        (marks(&[1], &[hash, hash]), Err("got 2 siblings, the marks say 1")),
    ];
    for (raw, want) in table {
        let got = raw.forge().map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(got, want.map_err(str::to_owned), "{raw:?}");
    }
    let json = r#"{"terminals":[],"marks":[],"siblings":[],"more":0}"#;
    assert!(serde_json::from_str::<StateProof>(json).is_err());
    let json = r#"{"terminals":[{"depth":300,"holds":"asked"}],"marks":[],"siblings":[]}"#;
    let error = serde_json::from_str::<StateProof>(json).unwrap_err().to_string();
    assert!(error.contains("got a terminal at depth 300, limit 256"), "{error}");
}
