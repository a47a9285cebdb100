//! The bytes that stores keep. A hash here changes only with the format's version, and, before 1.0,
//! with a line in the changelog.
#![allow(clippy::unwrap_used)]
mod common;

use common::{Free, authority, proof};
use isonomy_chain::{Append, Genesis, Tip};
use isonomy_consensus::Trail;
use isonomy_crypto::{Domain, Hash};
use isonomy_ledger::Modules;
use isonomy_types::*;
use std::fmt::Debug;
use std::sync::Arc;

const VECTOR: Domain = Domain::new("isonomy chain vectors 1");

fn header() -> Header {
    let hash = |n: u8| Hash::from_bytes([n; 32]);
    Header {
        version: Version,
        parent: hash(1),
        height: 7,
        time: Wall(8),
        producer: Address(hash(2)),
        body_root: hash(3),
        state_root: hash(4),
        receipts_root: hash(5),
        next_authority: authority(9).hash(),
        next_params: Params::default().hash(),
        seal: Blob::truncated(vec![1, 2, 3]),
    }
}

fn entry() -> Entry {
    let certificate = Some(proof(Hash::from_bytes([6; 32])));
    Entry { header: header(), authority: Some(authority(9)), certificate }
}

fn tip() -> Tip {
    let memory = Blob::truncated(vec![4, 5]);
    let trail = Trail { weight: 1 << 70, memory, ..Trail::trusted(&header()) };
    let authority = Arc::new(authority(9));
    Tip { header: header(), trail, authority, params: Params::default(), certificate: None }
}

/// One value, one encoding: it comes back, and no byte more or less does.
fn frozen<T: Encode + Decode + PartialEq + Debug>(value: &T, hash: &str) {
    let bytes = value.encode();
    assert_eq!(T::decode_exact(&bytes).as_ref(), Ok(value));
    assert!(T::decode_exact(&bytes[..bytes.len() - 1]).is_err());
    assert!(T::decode_exact(&[&bytes[..], &[0]].concat()).is_err());
    assert_eq!(VECTOR.hash(&bytes).to_string(), hash, "{value:?}");
}

#[test]
fn a_tip_is_frozen() {
    frozen(&tip(), "165da0725d2f447cbaba1a8282873766e4bd722352cfebd15417393bb2526d46");
}

#[test]
fn the_log_is_frozen() {
    let block = Append::Block { entry: Box::new(entry()), body: Body::default() };
    frozen(&block, "f0aee4df243fe524446cf2c70e9bb9ccf14d8a64053f928cfdfb5d6987a2fb97");
    let id = Hash::from_bytes([6; 32]);
    frozen(
        &Append::Certificate { id, certificate: proof(id) },
        "51aca9f5023544e05d05cc02ef4582fc2d83d57476901252c8d31be11d8eaa51",
    );
    let record = Blob::truncated(vec![7; 9]);
    frozen(
        &Append::Record { height: 1 << 40, record },
        "7777b6f3d67b42870b61ea2591918455d388afa2b80915ed69c19f9bb8e04577",
    );
}

#[test]
fn the_seal_of_a_first_block_is_frozen() {
    let genesis = Genesis {
        name: Text::try_from(String::from("frozen")).unwrap(),
        time: Wall(1),
        params: Params::default(),
        authority: Authority::default(),
        settings: Blob::truncated(vec![1, 2, 3]),
        modules: Vec::new(),
    };
    let flush = genesis.build(&Free, Arc::new(Modules::default())).unwrap();
    let seal = Hash::from_bytes(flush.tip.header.seal[..].try_into().unwrap());
    assert_eq!(
        seal.to_string(),
        "b97f351800a8b5f6b5e1c51d8053f01b0c4af2d76d37f3956a8fab5ce689709b"
    );
}
