//! No input nests deeply enough to exhaust the stack: no wire type contains itself.
#![allow(clippy::unwrap_used)]
mod common;

use common::samples;
use isonomy_types::{Address, Amount, Authority, Block, Body, Entry, Header, Keys, Params, Policy};
use isonomy_types::{Decode, Encode, Transaction, Witness};
use serde::de::DeserializeOwned;

const LEVELS: usize = 100_000;
const STACK_BYTES: usize = 256 * 1024;

/// Runs `work` on a small stack.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).unwrap();
    assert!(thread.join().is_ok());
}

/// What may open one level: a variant, a present option, a count of one and the tags behind it.
const OPENINGS: &[&[u8]] = &[
    &[0],
    &[1],
    &[2],
    &[3],
    &[1, 0, 0, 0],
    &[1, 1, 0, 0, 0],
    &[1, 0, 0, 0, 1],
    &[0, 1, 0, 0, 0],
    &[16, 0, 0, 0],
    &[1, 16, 0, 0, 0],
];

#[test]
fn attack_07_nest_bytes_100_000_deep() {
    on_a_small_stack(|| {
        let (mut read, mut refused) = (0, 0);
        for sample in samples::all() {
            for opening in OPENINGS {
                let deep = opening.repeat(LEVELS);
                for keep in [0, 1, sample.bytes.len() / 2, sample.bytes.len()] {
                    let message = [&sample.bytes[..keep], &deep].concat();
                    match (sample.again)(&message) {
                        Some(again) => assert_eq!(again, message, "{}", sample.name),
                        None => refused += 1,
                    }
                    read += 1;
                }
            }
        }
        assert_eq!(read, refused, "no type holds so much");
    });
}

/// The deepest values there are: decoded, written, compared and dropped on the same stack.
#[test]
fn the_deepest_values_fit_a_small_stack() {
    on_a_small_stack(|| {
        let block = samples::block();
        assert_eq!(Block::decode_exact(&block.encode()), Ok(block.clone()));
        let text = serde_json::to_string(&block).unwrap();
        assert_eq!(serde_json::from_str::<Block>(&text).unwrap(), block);
    });
}

fn refuses<T: DeserializeOwned>(name: &str, text: &str) {
    assert!(serde_json::from_str::<T>(text).is_err(), "{name} from {}…", &text[..1]);
}

#[test]
fn attack_07_nest_json_100_000_deep() {
    on_a_small_stack(|| {
        let openings = ["[", "{\"keys\":", "{\"intent\":", "[{\"transactions\":", "{\"x\":["];
        for opening in openings {
            let deep = opening.repeat(LEVELS);
            refuses::<Address>("Address", &deep);
            refuses::<Amount>("Amount", &deep);
            refuses::<Authority>("Authority", &deep);
            refuses::<Block>("Block", &deep);
            refuses::<Body>("Body", &deep);
            refuses::<Entry>("Entry", &deep);
            refuses::<Header>("Header", &deep);
            refuses::<Keys>("Keys", &deep);
            refuses::<Params>("Params", &deep);
            refuses::<Policy>("Policy", &deep);
            refuses::<Transaction>("Transaction", &deep);
            refuses::<Witness>("Witness", &deep);
        }
    });
}
