//! Frozen bytes and hashes. Before 1.0 one may change, with a line in the changelog; a chain that
//! runs would split.
#![allow(clippy::unwrap_used)]
mod common;

use common::{GENESIS, samples};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{
    ACTIONS_MAX, BODY_BYTES_MAX, BODY_BYTES_MIN, BODY_METER_MAX, BODY_METER_MIN,
    CERTIFICATE_BYTES_MAX, Decode, Encode, MEMBERS_MAX, PAYLOAD_BYTES_MAX, POLICY_KEYS_MAX, Params,
    Policy, SEAL_BYTES_MAX, SIGNERS_MAX, TRANSACTION_BYTES_MAX, TRANSACTIONS_MAX, Transaction,
};
use std::collections::{BTreeMap, BTreeSet};

/// Only for this file: a keyed BLAKE3 over each sample's encoding.
const CONFORMANCE: Domain = Domain::new("isonomy conformance 1");

/// Every wire type's sample, and the hash of its bytes.
const ENCODINGS: &[(&str, &str)] = &[
    ("Version", "03f203e15142b4e0f4eeb66fef8962d0f96ae11da0ca3544e5dfc30cad84c8c4"),
    ("Blob", "0c767851cf8a2986895d13760b9eb95f9a31db13ddb23af6a907c44ff8bce882"),
    ("List", "8271e117d8d4ae90528973f3b6f120a9e856a9eab71a5bf11cb91cde65a12ab3"),
    ("Text", "0b4eb91c28cd342351d4eaf23ab99c756e72a916f9fa93859d443c4a548ef4f9"),
    ("Address", "6b405fe4b2d3e20ddcab0eefc50dcf32319ce22b384c76437c7be86496dffc32"),
    ("Amount", "b0f9d30baacd40aa476fca45195b865b1027b72d29333614591b7b54b44f6119"),
    ("Wall", "b0c808dfb41cc94669776fc7f9f335b32acb242c1af920d333d3048563e4b538"),
    ("NodeKey", "f76429e08c9926a3fcd193f00117c8e490f22538f7bd5522a6a4461c59de198b"),
    ("Blob::EngineMessage", "68f8b253a20ee26e422655bc2a2aa1234f2b463d7eddb649a1976f749a0ace9d"),
    ("Nonce", "5f4e71f9b8f0d7388f15c54a673d5aa2d7183377dc0ef28fa8bd451c88534c99"),
    ("Signer", "2c244d9c4bd85a156bcc2b596b58f76817705f13db8032b6e23cccfd439fd679"),
    ("Action", "3fcc2624ca58f53b93051907b26fc685e5bf8e3d2f9146fdd54c204fb404bf9e"),
    ("Intent", "8d22e441b25cb4805cf2939034df3d8fd6d4caa1db63cf24245df8104f6cc467"),
    ("Policy::Key", "ef57d39f5da0238bb0307d28744e53566d8640064daee7501505b78fe8116cb3"),
    ("Policy::Keys", "8ec113a5ff5f3930c5d255dc62c0a6b673ae668af909ac6884f4c90c45f2a384"),
    ("Policy::Contract", "9776081aa1282513757c0ae00b2c88ebf3235355a51689653afe19298256ef46"),
    ("Policy::Module", "6887cfc9329cab1570500d4b88c5f707f5e7ea81929085434c8d63a9469f449d"),
    ("Keys", "a57ba72ccce184a504b6dfe1b6e13195fc845b72926910e71fd7bc819fd15bf3"),
    ("Witness", "1f7db162f16c132bd19ff782a39061d9821b277034ad848717aff56891e05a77"),
    ("Transaction", "e305b274e4d66154db43055a8564093cc1d5615dc691965dd83e4aacc91ff838"),
    ("Member", "17c543d6de1e08a8be5d9abf7fcf6cea09b61cdda5a9e535ccb01f45ef4f0f6c"),
    ("Committee", "9b7a8d9f1b612732d1c44bf349a8983e87fc18a0d9b978d07728ca0e6cae2ce1"),
    ("Authority", "5aacc10cc16e9a6e9c75bbeb84642103d703dafd9dea24db6e6c8b7769450d25"),
    ("Params", "a5c2c3532ba12645cc5b6c5061323d00280a68dbe3314efc8426b1d6ecf28981"),
    ("Header", "8ed2c208d797a705ed2bb474f8ddb3930f7d5e0d397678b56de1f26e5a4d5260"),
    ("Body", "1d152cd2402099ce77a91bf643385da0a31ed27c6869b91d6aa66f88bc3c59df"),
    ("Block", "866ab4c8300bd8500aca4f0f6d1d3f7002e04faa561258a085a76e071f287901"),
    ("Entry", "49cb982f15550421eb7437f52c15181ad951dd8f0a110867c128a18f43da6d8a"),
    ("Entry::bare", "646ef8f63b51b986f661b1b38812d8bd1d8e96788ef7b2117c12dfd67ec984ab"),
];

#[test]
fn encodings_are_frozen() {
    let samples = samples::all();
    assert_eq!(samples.len(), ENCODINGS.len());
    for (sample, (name, want)) in samples.iter().zip(ENCODINGS) {
        assert_eq!(sample.name, *name);
        assert_eq!(CONFORMANCE.hash(&sample.bytes).to_string(), *want, "{name}");
        assert_eq!((sample.again)(&sample.bytes).as_ref(), Some(&sample.bytes), "{name}");
    }
}

/// Hashes that are signed, sealed, stored or shown: their domains and their inputs.
#[test]
fn hashes_are_frozen() {
    let (intent, header, body) = (samples::intent(), samples::header(), samples::body());
    let cases: &[(&str, Hash, &str)] = &[
        ("id", intent.id(), "e059bbe63274f2753e26848f1b96efa30037afa6e953f43dbdcf5ae75b0264a0"),
        (
            "signing digest",
            intent.signing_digest(&GENESIS),
            "d8a72bd0ceeaa313650c331cebf92acd27b53e79efce68da52758799aa8c0a80",
        ),
        (
            "leaf",
            samples::transaction().leaf(),
            "d03b0b3b0679d386566fd56ff7e12057f4007e509bd964988804c97ead40633f",
        ),
        (
            "policy of a key",
            Policy::Key(samples::key(1)).hash(),
            "d490d8ca997093647b920b5b99fb116b7024a004deceb66bded434f596ee3b33",
        ),
        (
            "policy of keys",
            Policy::Keys(samples::keys()).hash(),
            "b499d5efcf8801e8e1ed4ba712ecaa650a1f4221c12d6e26ba90600f0beab0a3",
        ),
        (
            "policy of a contract",
            Policy::Contract(samples::hash(3)).hash(),
            "c37325e177dc6591e745ed2aadfcf3158f6719b252d164cfced8728d651d193e",
        ),
        (
            "policy of a module",
            Policy::Module(5).hash(),
            "ad33c51b1b305e5e4e13f15e8e6f35a7acc88a6d56159d6c9b0f92ffc5deab54",
        ),
        (
            "seal hash",
            header.seal_hash(),
            "7508642902f42d737ba4c815368681eeaa87b41ab9a96a032a76705b028cdb17",
        ),
        (
            "block id",
            header.id(),
            "71a2da4bc744ba4d7960a01bc4e85f418bf0ebecec6d2a134af55a7cd4a0e489",
        ),
        (
            "body root",
            body.root(),
            "0e530e42e57c8f560f23bf079ec98ed8b17791b06842ede8889f9f290eda39f3",
        ),
        (
            "authority",
            samples::authority().hash(),
            "351be9c94a1f8f5b80d0177f5c4d74c581b4d6e65ce61ba6c824d63d76a08008",
        ),
        (
            "params",
            Params::default().hash(),
            "ef86cde12cccb6f0566c6c8680181c7f278c226354f8cc106ec23190aec1177d",
        ),
    ];
    for (name, got, want) in cases {
        assert_eq!(&got.to_string(), want, "{name}");
    }
}

#[test]
fn an_address_text_is_frozen() {
    let text = Policy::Key(samples::key(1)).address().to_string();
    assert_eq!(text, "iso16jgd3j5ewzfkg7ujpdden7c3ddczfgqymm8tv6776s60t9hw8vesa5m8cl");
}

/// A limit is part of the format: a node with another refuses what others accept.
#[test]
fn limits_are_frozen() {
    let limits = [
        (SEAL_BYTES_MAX, 256),
        (TRANSACTIONS_MAX, 65_536),
        (CERTIFICATE_BYTES_MAX, 32_768),
        (MEMBERS_MAX, 256),
        (POLICY_KEYS_MAX, 16),
        (SIGNERS_MAX, 16),
        (ACTIONS_MAX, 64),
        (PAYLOAD_BYTES_MAX, 65_536),
        (TRANSACTION_BYTES_MAX, 131_072),
        (BODY_BYTES_MAX as usize, 4_194_304),
    ];
    for (got, want) in limits {
        assert_eq!(got, want);
    }
    assert_eq!((BODY_BYTES_MIN, BODY_METER_MIN), (131_076, 1_000_000));
    assert_eq!(BODY_METER_MAX, 281_474_976_710_656);
}

fn hex(bytes: &[u8]) -> String {
    const_hex::encode(bytes)
}

/// Written by hand from borsh's specification: little-endian, a `u32` before what varies in length,
/// a byte before what is one of several.
#[test]
fn bytes_are_those_of_the_specification() {
    let (one, two) = ("01".repeat(32), "02".repeat(32));
    let nonce = "0201".to_owned() + "0a09080706050403";
    let action = |by: &str| ["0c0b", by, "03000000", "d0d1d2"].concat();
    let intent = [
        "01",
        "02000000",
        &one,
        &nonce,
        &two,
        &nonce,
        "02000000",
        &action("00"),
        &action("01"),
        "40420f0000000000",
        "0300000000000000",
        "9001000000000000",
    ]
    .concat();
    assert_eq!(hex(&samples::intent().encode()), intent);

    let keys = ["02", "03000000", &one, &two, &"03".repeat(32)].concat();
    let policies = [
        (Policy::Key(samples::key(1)), ["00", &one].concat()),
        (Policy::Keys(samples::keys()), ["01", &keys].concat()),
        (Policy::Contract(samples::hash(3)), ["02", &"03".repeat(32)].concat()),
        (Policy::Module(0x0405), "030504".into()),
    ];
    for (policy, want) in policies {
        assert_eq!(hex(&policy.encode()), want);
    }

    let some = |byte: &str| "01".to_owned() + &byte.repeat(64);
    let several = ["01", &keys, "03000000", &some("e1"), "00", &some("e3")].concat();
    let single = ["00", &"04".repeat(32), "01000000", &some("e4")].concat();
    let transaction = [&intent, "02000000", &several, &single].concat();
    assert_eq!(hex(&samples::transaction().encode()), transaction);

    let member = |byte: &str| [&byte.repeat(32), byte, "00000000000000"].concat();
    let committee = ["03000000", &member("01"), &member("02"), &member("03")].concat();
    assert_eq!(hex(&samples::authority().encode()), "04030201".to_owned() + &committee);
}

/// A feature of the codec's, set elsewhere in a build, must not change what is accepted.
#[test]
fn attack_12_loosen_the_codec_by_a_feature() {
    let pair = |first: u8, second: u8| [2, 0, 0, 0, first, second];
    assert!(BTreeSet::<u8>::decode_exact(&pair(1, 2)).is_ok());
    assert!(BTreeSet::<u8>::decode_exact(&pair(2, 1)).is_err(), "de_strict_order");
    assert!(BTreeSet::<u8>::decode_exact(&pair(1, 1)).is_err(), "de_strict_order");
    let map = |first: u8, second: u8| [2, 0, 0, 0, first, 0, second, 0];
    assert!(BTreeMap::<u8, u8>::decode_exact(&map(1, 2)).is_ok());
    assert!(BTreeMap::<u8, u8>::decode_exact(&map(2, 1)).is_err(), "de_strict_order");
    assert!(BTreeMap::<u8, u8>::decode_exact(&map(1, 1)).is_err(), "de_strict_order");
    for byte in 2..=255 {
        assert!(bool::decode_exact(&[byte]).is_err());
        assert!(Option::<()>::decode_exact(&[byte]).is_err());
    }
    assert!(Vec::<()>::decode_exact(&[1, 0, 0, 0]).is_err(), "elements of no bytes");
    assert!(Transaction::<isonomy_types::Unchecked>::decode_exact(&[]).is_err());
}

/// Whoever adds a wire type adds its sample.
#[test]
fn every_wire_type_is_frozen() {
    let sources = common::sources();
    let found: BTreeSet<&str> = sources.iter().flat_map(|source| wire_types(source)).collect();
    let known: BTreeSet<&str> =
        ENCODINGS.iter().filter_map(|(name, _)| name.split("::").next()).collect();
    assert_eq!(found, known, "wire types in the sources, and frozen ones");
}

/// The public types of `source` that can be decoded, whether by derive or by hand.
fn wire_types(source: &str) -> BTreeSet<&str> {
    let name = |text: &str| text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let mut types = BTreeSet::new();
    for (before, after) in
        source.match_indices("BorshDeserialize").map(|(at, _)| source.split_at(at))
    {
        let by_hand = after.strip_prefix("BorshDeserialize for ");
        let derived = before.rfind("#[derive(").filter(|from| !before[*from..].contains(']'));
        let item = derived.and_then(|_| {
            let item =
                after.lines().find(|line| line.contains("struct ") || line.contains("enum "));
            item?.strip_prefix("pub struct ").or(item?.strip_prefix("pub enum "))
        });
        types.extend(by_hand.or(item).map(|text| &text[..name(text)]));
    }
    types
}
