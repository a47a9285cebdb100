//! One value, one encoding: for any value of any wire type, and for any bytes.
#![allow(clippy::unwrap_used)]
mod common;

use common::{blob, list, samples, strategies};
use isonomy_crypto::Domain;
use isonomy_types::{Decode, Encode, EngineMessage, NodeKey, Version, Wall};
use proptest::prelude::*;
use std::fmt::Debug;

const ANY: Domain = Domain::new("properties test 1");

/// What holds of every value of every wire type.
fn holds<T: Encode + Decode + PartialEq + Debug>(value: &T) -> Result<(), TestCaseError> {
    let bytes = value.encode();
    prop_assert_eq!(&T::decode_exact(&bytes).unwrap(), value);
    prop_assert_eq!(value.encoded_len(), bytes.len());
    prop_assert_eq!(value.digest(&ANY), ANY.hash(&bytes));
    let longer = [&bytes[..], &[0]].concat();
    prop_assert!(T::decode_exact(&longer).is_err(), "a byte left over");
    for short in [0, bytes.len() / 2, bytes.len() - 1] {
        prop_assert!(T::decode_exact(&bytes[..short]).is_err(), "{} bytes", short);
    }
    Ok(())
}

macro_rules! one_encoding {
    ($($name:ident: $any:expr,)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(64))]
            $(
                #[test]
                fn $name(value in $any) {
                    holds(&value)?;
                }
            )*
        }
    };
}

one_encoding! {
    version_has_one_encoding: Just(Version::<7>),
    blob_has_one_encoding: strategies::bytes::<65_536>(),
    list_has_one_encoding: prop::collection::vec(any::<u16>(), 0..=8).prop_map(list::<_, 8>),
    text_has_one_encoding: strategies::text(),
    address_has_one_encoding: strategies::address(),
    amount_has_one_encoding: strategies::amount(),
    wall_has_one_encoding: any::<u64>().prop_map(Wall),
    node_key_has_one_encoding: any::<[u8; 32]>().prop_map(NodeKey),
    engine_message_has_one_encoding:
        prop::collection::vec(any::<u8>(), 0..40_000).prop_map(EngineMessage::truncated),
    nonce_has_one_encoding: strategies::nonce(),
    signer_has_one_encoding: strategies::signer(),
    action_has_one_encoding: strategies::action(),
    intent_has_one_encoding: strategies::intent(),
    keys_have_one_encoding: strategies::keys(),
    policy_has_one_encoding: strategies::policy(),
    witness_has_one_encoding: strategies::witness(),
    transaction_has_one_encoding: strategies::transaction(),
    member_has_one_encoding: strategies::member(),
    committee_has_one_encoding: strategies::committee(),
    authority_has_one_encoding: strategies::authority(),
    params_have_one_encoding: strategies::params(),
    header_has_one_encoding: strategies::header(),
    body_has_one_encoding: strategies::body(),
    block_has_one_encoding: strategies::block(),
    entry_has_one_encoding: strategies::entry(),
}

/// Every bit of every sample: what still decodes encodes to the very same bytes.
#[test]
fn attack_08_flip_every_bit() {
    for sample in samples::all() {
        let mut decoded = 0;
        for at in 0..sample.bytes.len() {
            for bit in 0..8 {
                let mut message = sample.bytes.clone();
                message[at] ^= 1 << bit;
                if let Some(again) = (sample.again)(&message) {
                    assert_eq!(again, message, "{}, bit {bit} of byte {at}", sample.name);
                    decoded += 1;
                }
            }
        }
        assert!(decoded > 0 || sample.name == "Version", "{} decodes only as is", sample.name);
    }
}

#[test]
fn attack_08_cut_and_append() {
    for sample in samples::all() {
        for length in 0..sample.bytes.len() {
            assert_eq!((sample.again)(&sample.bytes[..length]), None, "{}", sample.name);
        }
        for more in [&[0][..], &[1], &[0xff], &[0; 4], &sample.bytes] {
            let message = [&sample.bytes, more].concat();
            assert_eq!((sample.again)(&message), None, "{} and {more:x?}", sample.name);
        }
    }
}

/// Replaces, inserts or removes some bytes somewhere.
#[derive(Clone, Debug)]
struct Edit {
    at: prop::sample::Index,
    removed: usize,
    inserted: Vec<u8>,
}

fn edit() -> impl Strategy<Value = Edit> {
    let interesting = prop_oneof![Just(0_u8), Just(1), Just(2), Just(0xff), any::<u8>()];
    let inserted = prop::collection::vec(interesting, 0..5);
    let fields = (any::<prop::sample::Index>(), 0_usize..5, inserted);
    fields.prop_map(|(at, removed, inserted)| Edit { at, removed, inserted })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn attack_08_decode_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for sample in samples::all() {
            if let Some(again) = (sample.again)(&bytes) {
                prop_assert_eq!(&again, &bytes, "{}", sample.name);
            }
        }
    }

    /// Mostly zeros and ones, so that counts and tags come out small and decoding gets far.
    #[test]
    fn attack_08_decode_any_small_bytes(bytes in prop::collection::vec(0_u8..4, 0..120)) {
        for sample in samples::all() {
            if let Some(again) = (sample.again)(&bytes) {
                prop_assert_eq!(&again, &bytes, "{}", sample.name);
            }
        }
    }

    #[test]
    fn attack_08_edit_sound_bytes(edits in prop::collection::vec(edit(), 1..4)) {
        for sample in samples::all() {
            let mut message = sample.bytes.clone();
            for Edit { at, removed, inserted } in &edits {
                let from = at.index(message.len() + 1);
                let to = (from + removed).min(message.len());
                message.splice(from..to, inserted.iter().copied());
            }
            if let Some(again) = (sample.again)(&message) {
                prop_assert_eq!(&again, &message, "{}", sample.name);
            }
        }
    }
}

/// What the codec must refuse, in the shapes our types use; see also [`Version`] and `committees`.
#[test]
fn attack_08_spell_tags_and_versions_otherwise() {
    let tags = (2..=255).map(|tag| [tag, 7]);
    for message in tags {
        assert!(Option::<u8>::decode_exact(&message).is_err(), "{message:?}");
    }
    for version in (0..=255).filter(|version| *version != 1) {
        let error = Version::<1>::decode_exact(&[version]).unwrap_err();
        assert!(error.0.contains(&format!("got format version {version}")), "{error}");
        for name in ["Intent", "Transaction", "Header", "Block", "Entry"] {
            let all = samples::all();
            let sample = all.iter().find(|sample| sample.name == name).unwrap();
            let message = [&[version], &sample.bytes[1..]].concat();
            assert_eq!((sample.again)(&message), None, "{name} of version {version}");
        }
    }
}

/// The length comes first, so what stands beside a blob cannot move into it.
#[test]
fn neighbours_do_not_run_together() {
    let pair = |a: &[u8], b: &[u8]| (blob::<8>(a.to_vec()), blob::<8>(b.to_vec())).digest(&ANY);
    assert_ne!(pair(b"ab", b"c"), pair(b"a", b"bc"));
    assert_ne!(pair(b"", b"abc"), pair(b"abc", b""));
}
