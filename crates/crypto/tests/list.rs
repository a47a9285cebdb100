#![allow(clippy::unwrap_used)]
//! Trees and proofs against the attacks on them.

use isonomy_crypto::{Domain, Hash, ListProof, ProofError, list_root};

const LEAF: Domain = Domain::new("example leaf 1");
const NODE: Domain = Domain::new("isonomy list node 1");

fn leaves(count: usize) -> Vec<Hash> {
    (0..count as u64).map(|at| LEAF.hash(&at.to_le_bytes())).collect()
}

/// A proof of any fields, as a forger would send it.
fn forge(index: u32, count: u32, siblings: &[Hash]) -> ListProof {
    borsh::from_slice(&borsh::to_vec(&(index, count, siblings)).unwrap()).unwrap()
}

/// The siblings of an honest proof.
fn siblings(proof: &ListProof) -> Vec<Hash> {
    let (_, _, siblings): (u32, u32, _) =
        borsh::from_slice(&borsh::to_vec(proof).unwrap()).unwrap();
    siblings
}

#[test]
fn roots_are_frozen() {
    let frozen = [
        (0, "7fbc2800adcaa3ced2b1025020c58d0bd0ebeaa7f7316b1ce7c1ac2425b6423d"),
        (1, "bfd2e6779518a376ce2b5ec4ea3a07da12da86f28b112f035a01770df411d1e5"),
        (2, "542e5dc5001215f92396e1011a89481666346eb97edb25f6b9f21bc1988c12f9"),
        (3, "29a494cbb4001cf9b2d156d610ea8a2a891e24815ff81bfdf279061a1dd8b2d7"),
        (7, "c39ae6a6b01b9eb5416266957b9b7022d3c078ff78add74a7956e3a46b518ce2"),
        (1025, "b2e94450ebf9ac9c5df7d51bbbc24f7732e6a5549cb6bc1f1c9e4aafb4000a15"),
    ];
    for (count, want) in frozen {
        assert_eq!(list_root(&leaves(count)).to_string(), want, "{count} leaves");
    }
}

#[test]
fn a_proof_s_bytes_are_frozen() {
    let leaves = leaves(3);
    let proof = ListProof::new(&leaves, 2).unwrap();
    let pair = NODE.join(&leaves[..2]);
    let want = [&[2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0], &pair.as_bytes()[..]].concat();
    assert_eq!(borsh::to_vec(&proof).unwrap(), want);
    let want = format!(r#"{{"index":2,"count":3,"siblings":["{pair}"]}}"#);
    assert_eq!(serde_json::to_string(&proof).unwrap(), want);
    assert_eq!(serde_json::from_str::<ListProof>(&want).unwrap(), proof);
}

#[test]
fn a_proof_exists_for_leaves_only() {
    assert_eq!(ListProof::new(&[], 0), None);
    let leaves = leaves(5);
    assert_eq!(ListProof::new(&leaves, 5), None);
    assert_eq!(ListProof::new(&leaves, u32::MAX), None);
    let proof = ListProof::new(&leaves, 4).unwrap();
    assert_eq!((proof.index(), proof.count()), (4, 5));
}

#[test]
fn attack_01_duplicated_tail() {
    for count in 1..=64 {
        let honest = leaves(count);
        for tail in 1..=count {
            let longer = [&honest[..], &honest[count - tail..]].concat();
            assert_ne!(list_root(&honest), list_root(&longer), "{count} leaves, {tail} repeated");
        }
    }
}

#[test]
fn attack_02_node_posing_as_leaf() {
    let honest = leaves(4);
    let root = list_root(&honest);
    let (left, right) = (NODE.join(&honest[..2]), NODE.join(&honest[2..]));
    assert_ne!(list_root(&[left, right]), root);

    let shallow = forge(0, 2, &[right]);
    assert!(matches!(shallow.verify(&root, &left, 0), Err(ProofError::Root { .. })));
    let shallow = forge(0, 4, &[right]);
    let error = ProofError::Siblings { got: 1, want: 2 };
    assert_eq!(shallow.verify(&root, &left, 0), Err(error));
}

#[test]
fn attack_02_leaf_posing_as_node() {
    let inner = leaves(2);
    let bytes = [inner[0].to_bytes(), inner[1].to_bytes()].concat();
    let posing = LEAF.hash(&bytes);
    assert_ne!(posing, NODE.join(&inner));

    let honest = [posing, LEAF.hash(b"other")];
    let root = list_root(&honest);
    for count in [2, 3, 4] {
        let deep = forge(0, count, &[inner[1], honest[1]]);
        assert!(deep.verify(&root, &inner[0], 0).is_err(), "count {count}");
    }
}

#[test]
fn attack_02_forged_depth() {
    for count in 1..=17 {
        let honest = leaves(count);
        let root = list_root(&honest);
        let proof = ListProof::new(&honest, 0).unwrap();
        let path = siblings(&proof);
        let number = count as u32;
        let mut deeper = path.clone();
        deeper.push(Hash::ZERO);
        let got = deeper.len();
        let want = path.len();
        let error = ProofError::Siblings { got, want };
        assert_eq!(forge(0, number, &deeper).verify(&root, &honest[0], 0), Err(error));

        for other in (0..=64).filter(|other| *other != number) {
            assert!(forge(0, other, &path).verify(&root, &honest[0], 0).is_err());
        }
        for cut in 0..path.len() {
            assert!(forge(0, number, &path[..cut]).verify(&root, &honest[0], 0).is_err());
            assert!(forge(0, 1 << cut, &path[..cut]).verify(&root, &honest[0], 0).is_err());
        }
    }
}

#[test]
fn attack_03_leaves_past_a_limit() {
    let all = leaves(1025);
    let roots: std::collections::BTreeSet<Hash> =
        (0..=1025).map(|count| list_root(&all[..count])).collect();
    assert_eq!(roots.len(), 1026, "every length has a root of its own");

    for count in 1..=1025_usize {
        let everywhere = count <= 33 || count == 1025;
        let sampled = [0, count / 2, count - 1, 511, 512];
        let positions: Vec<usize> = if everywhere { (0..count).collect() } else { sampled.into() };
        let mut changed = all[..count].to_vec();
        let root = list_root(&changed);
        for at in positions.into_iter().filter(|at| *at < count) {
            changed[at] = Hash::ZERO;
            assert_ne!(list_root(&changed), root, "leaf {at} of {count}");
            changed[at] = all[at];
        }
    }
}

#[test]
fn attack_03_order_of_leaves() {
    for count in 2..=33 {
        let honest = leaves(count);
        for at in 1..count {
            let mut swapped = honest.clone();
            swapped.swap(at - 1, at);
            assert_ne!(list_root(&swapped), list_root(&honest), "leaf {at} of {count}");
        }
    }
}

#[test]
fn attack_04_any_flipped_byte() {
    for count in [1, 2, 3, 5, 8, 21] {
        let honest = leaves(count);
        let root = list_root(&honest);
        for index in 0..count as u32 {
            let leaf = honest[index as usize];
            let bytes = borsh::to_vec(&ListProof::new(&honest, index).unwrap()).unwrap();
            for (at, flip) in (0..bytes.len()).flat_map(|at| FLIPS.map(|flip| (at, flip))) {
                let mut forged = bytes.clone();
                forged[at] ^= flip;
                let Ok(forged) = borsh::from_slice::<ListProof>(&forged) else { continue };
                assert!(forged.verify(&root, &leaf, index).is_err(), "{count} {index} {at}");
            }
        }
    }
}

const FLIPS: [u8; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 255];

#[test]
fn attack_04_any_flipped_byte_of_root_or_leaf() {
    let honest = leaves(5);
    let (root, proof) = (list_root(&honest), ListProof::new(&honest, 3).unwrap());
    for (at, flip) in (0..32).flat_map(|at| FLIPS.map(|flip| (at, flip))) {
        let flipped = |hash: &Hash| {
            let mut bytes = hash.to_bytes();
            bytes[at] ^= flip;
            Hash::from_bytes(bytes)
        };
        assert!(proof.verify(&flipped(&root), &honest[3], 3).is_err());
        assert!(proof.verify(&root, &flipped(&honest[3]), 3).is_err());
    }
}

#[test]
fn attack_05_index_other_than_the_proof_s() {
    let same = vec![LEAF.hash(b"same"); 6];
    let root = list_root(&same);
    for (index, asked) in (0..6).flat_map(|index| (0..8).map(move |asked| (index, asked))) {
        let proof = ListProof::new(&same, index).unwrap();
        let want = ProofError::Position { got: index, want: asked };
        let verdict = proof.verify(&root, &same[0], asked);
        assert_eq!(verdict, if index == asked { Ok(()) } else { Err(want) });
    }
}

#[test]
fn attack_05_index_past_the_end() {
    let honest = leaves(3);
    let root = list_root(&honest);
    for (index, limit) in [(3, 3), (4, 3), (u32::MAX, 3), (u32::MAX, u32::MAX), (0, 0)] {
        let verdict = forge(index, limit, &[]).verify(&root, &honest[0], index);
        assert_eq!(verdict, Err(ProofError::Index { got: index, limit }));
    }
}

#[test]
fn attack_06_claimed_number_of_siblings() {
    for claimed in [33, 1 << 20, u32::MAX] {
        let mut bytes = borsh::to_vec(&(0_u32, 1_u32, claimed)).unwrap();
        bytes.extend([0; 33 * 32]);
        let error = borsh::from_slice::<ListProof>(&bytes).unwrap_err();
        assert_eq!(error.to_string(), format!("got {claimed} siblings, limit 32"));
    }
    let json =
        format!(r#"{{"index":0,"count":1,"siblings":{:?}}}"#, vec![Hash::ZERO.to_string(); 33]);
    let error = serde_json::from_str::<ListProof>(&json).unwrap_err();
    assert!(error.to_string().contains("got 33 siblings, limit 32"), "{error}");
}

#[test]
fn the_largest_list_needs_32_siblings() {
    let (root, leaf) = (Hash::ZERO, Hash::ZERO);
    let full = forge(0, u32::MAX, &[Hash::ZERO; 32]);
    assert!(matches!(full.verify(&root, &leaf, 0), Err(ProofError::Root { .. })));
    // Counting rows up from the last leaf, every even one rises alone.
    let last = u32::MAX - 1;
    let error = ProofError::Siblings { got: 32, want: 31 };
    assert_eq!(forge(last, u32::MAX, &[Hash::ZERO; 32]).verify(&root, &leaf, last), Err(error));
}
