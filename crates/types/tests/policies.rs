//! Who may act for an account, and how the account is named.
mod common;

use common::samples::{hash, key};
use isonomy_crypto::PublicKey;
use isonomy_types::{Decode, Encode, Keys, KeysError, POLICY_KEYS_MAX, Policy};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn keys(bytes: &[u8]) -> Vec<PublicKey> {
    bytes.iter().map(|byte| key(*byte)).collect()
}

#[test]
fn each_rule_has_its_error() {
    use KeysError::*;
    let seventeen: Vec<u8> = (0..17).collect();
    let cases: Vec<(&str, u8, &[u8], KeysError)> = vec![
        ("none of none", 0, &[], Needed { got: 0, limit: 0 }),
        ("one of none", 1, &[], Needed { got: 1, limit: 0 }),
        ("none of two", 0, &[1, 2], Needed { got: 0, limit: 2 }),
        ("three of two", 3, &[1, 2], Needed { got: 3, limit: 2 }),
        ("255 of two", 255, &[1, 2], Needed { got: 255, limit: 2 }),
        ("repeated", 1, &[1, 1], Order { index: 1 }),
        ("repeated at the end", 2, &[1, 2, 2], Order { index: 2 }),
        ("backwards", 1, &[2, 1], Order { index: 1 }),
        ("out of order", 1, &[1, 3, 2, 4], Order { index: 2 }),
        ("too many", 1, &seventeen, Many { got: 17, limit: POLICY_KEYS_MAX }),
    ];
    for (description, needed, bytes, want) in cases {
        assert_eq!(Keys::new(needed, keys(bytes)), Err(want), "{description}");
        let message = [vec![needed], keys(bytes).encode()].concat();
        let error = Keys::decode_exact(&message).unwrap_err();
        // A list that is too long is refused by its type, unread.
        assert!(matches!(want, Many { .. }) || error.0.contains(&want.to_string()), "{error}");
        assert!(Policy::decode_exact(&[vec![1], message].concat()).is_err(), "{description}");
    }
}

#[test]
fn a_policy_says_what_it_takes() {
    let one_key = keys(&[1]);
    let all: Vec<u8> = (0..16).collect();
    for needed in 1..=16 {
        let policy = Policy::Keys(Keys::new(needed, keys(&all)).unwrap());
        assert_eq!(policy.signing(), Some((usize::from(needed), &keys(&all)[..])));
    }
    assert_eq!(Policy::Key(key(1)).signing(), Some((1, &one_key[..])));
    assert_eq!(Policy::Contract(hash(1)).signing(), None);
    assert_eq!(Policy::Module(1).signing(), None);
}

/// Nobody poses as another kind of policy, nor as another number of the same keys.
#[test]
fn every_policy_has_its_own_address() {
    let several = |needed, bytes: &[u8]| Policy::Keys(Keys::new(needed, keys(bytes)).unwrap());
    let policies = [
        Policy::Key(key(1)),
        Policy::Key(key(2)),
        Policy::Contract(hash(1)),
        Policy::Contract(hash(2)),
        Policy::Module(0),
        Policy::Module(1),
        Policy::Module(256),
        several(1, &[1]),
        several(1, &[1, 2]),
        several(2, &[1, 2]),
        several(2, &[1, 2, 3]),
    ];
    let addresses: BTreeSet<_> = policies.iter().map(Policy::address).collect();
    assert_eq!(addresses.len(), policies.len());
    for policy in policies {
        assert_eq!(policy.address().0, policy.hash());
    }
}

#[test]
fn unknown_kinds_of_policy_are_refused() {
    let body = Policy::Key(key(1)).encode().split_off(1);
    for kind in 4..=255 {
        assert!(Policy::decode_exact(&[vec![kind], body.clone()].concat()).is_err(), "{kind}");
    }
}

proptest! {
    /// Any keys: a policy exactly if a set of them is the same list and `needed` is within it.
    #[test]
    fn keys_are_an_ordered_set(needed in 0_u8..7, bytes in prop::collection::vec(0_u8..9, 0..6)) {
        let set: BTreeSet<_> = bytes.iter().copied().collect();
        let sound = set.into_iter().eq(bytes.iter().copied())
            && (1..=bytes.len()).contains(&usize::from(needed));
        prop_assert_eq!(Keys::new(needed, keys(&bytes)).is_ok(), sound);
    }
}
