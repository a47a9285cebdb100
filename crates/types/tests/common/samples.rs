//! One fixed value of every wire type: what conformance pins and other tests mutate.
use super::{blob, list};
use isonomy_crypto::{Hash, PublicKey, Signature};
use isonomy_types::{
    Action, Address, Amount, Authority, Block, Body, Certificate, Committee, Decode, Encode,
    EngineMessage, Entry, Header, Intent, Keys, Member, NodeKey, Nonce, Params, Policy, Signer,
    Text, Transaction, Version, Wall, Witness,
};

/// A sample's bytes, and its type's decoder followed by its encoder.
pub(crate) struct Sample {
    /// The type, and after `::` which of its variants or uses.
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) again: fn(&[u8]) -> Option<Vec<u8>>,
}

fn sample<T: Encode + Decode>(name: &'static str, value: T) -> Sample {
    let again = |bytes: &[u8]| T::decode_exact(bytes).ok().map(|value| value.encode());
    Sample { name, bytes: value.encode(), again }
}

pub(crate) fn all() -> Vec<Sample> {
    vec![
        sample("Version", Version::<1>),
        sample("Blob", blob::<8>(vec![1, 2, 3])),
        sample("List", list::<u16, 8>(vec![1, 2, 3])),
        sample("Text", Text::<8>::try_from(String::from("größe")).unwrap()),
        sample("Address", address(1)),
        sample("Amount", Amount(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10)),
        sample("Wall", Wall(1_700_000_000_000)),
        sample("NodeKey", NodeKey([9; 32])),
        sample("Blob::EngineMessage", EngineMessage::truncated((0..=255).collect())),
        sample("Nonce", nonce()),
        sample("Signer", signer(1)),
        sample("Action", action(1)),
        sample("Intent", intent()),
        sample("Policy::Key", Policy::Key(key(1))),
        sample("Policy::Keys", Policy::Keys(keys())),
        sample("Policy::Contract", Policy::Contract(hash(3))),
        sample("Policy::Module", Policy::Module(0x0405)),
        sample("Keys", keys()),
        sample("Witness", witness()),
        sample("Transaction", transaction()),
        sample("Member", member(1)),
        sample("Committee", committee()),
        sample("Authority", authority()),
        sample("Params", Params::default()),
        sample("Header", header()),
        sample("Body", body()),
        sample("Block", block()),
        sample("Entry", entry()),
        sample("Entry::bare", Entry { header: header(), authority: None, certificate: None }),
    ]
}

pub(crate) fn hash(byte: u8) -> Hash {
    Hash::from_bytes([byte; 32])
}

pub(crate) fn key(byte: u8) -> PublicKey {
    PublicKey::from_bytes([byte; 32])
}

pub(crate) fn address(byte: u8) -> Address {
    Address(hash(byte))
}

pub(crate) fn nonce() -> Nonce {
    Nonce { lane: 0x0102, seq: 0x0304_0506_0708_090a }
}

pub(crate) fn signer(byte: u8) -> Signer {
    Signer { account: address(byte), nonce: nonce() }
}

pub(crate) fn action(by: u8) -> Action {
    Action { module: 0x0b0c, by, payload: blob(vec![0xd0, 0xd1, 0xd2]) }
}

pub(crate) fn intent() -> Intent {
    Intent {
        version: Version,
        signers: list(vec![signer(1), signer(2)]),
        actions: list(vec![action(0), action(1)]),
        meter_limit: 1_000_000,
        price: 3,
        expires: 400,
    }
}

pub(crate) fn keys() -> Keys {
    Keys::new(2, vec![key(1), key(2), key(3)]).unwrap()
}

pub(crate) fn witness() -> Witness {
    let signature = |byte| Some(Signature::from_bytes([byte; 64]));
    let signatures = list(vec![signature(0xe1), None, signature(0xe3)]);
    Witness { policy: Policy::Keys(keys()), signatures }
}

pub(crate) fn transaction() -> Transaction {
    let one = Witness {
        policy: Policy::Key(key(4)),
        signatures: list(vec![Some(Signature::from_bytes([0xe4; 64]))]),
    };
    Transaction::new(intent(), list(vec![witness(), one]))
}

pub(crate) fn member(byte: u8) -> Member {
    Member { key: key(byte), power: u64::from(byte) }
}

pub(crate) fn committee() -> Committee {
    Committee::new(vec![member(1), member(2), member(3)]).unwrap()
}

pub(crate) fn authority() -> Authority {
    Authority { rules_version: 0x0102_0304, committee: committee() }
}

pub(crate) fn header() -> Header {
    Header {
        version: Version,
        parent: hash(1),
        height: 0x0102_0304_0506_0708,
        time: Wall(1_700_000_000_000),
        producer: address(2),
        body_root: hash(3),
        state_root: hash(4),
        receipts_root: hash(5),
        next_authority: hash(6),
        next_params: hash(7),
        seal: blob(vec![0xf0, 0xf1]),
    }
}

pub(crate) fn body() -> Body {
    Body { transactions: list(vec![transaction(), transaction()]) }
}

pub(crate) fn block() -> Block {
    Block { header: header(), body: body() }
}

pub(crate) fn entry() -> Entry {
    let certificate = Some(Certificate::truncated(vec![0xc0, 0xc1, 0xc2]));
    Entry { header: header(), authority: Some(authority()), certificate }
}
