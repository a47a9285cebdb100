//! Prints what a signature of a batch costs beside one verification by libsecp256k1, its key parsed.
//!
//! `cargo run --release -p schnorr-batch --example ratios [seconds [size...]]`
//!
//! "hostile" is a batch of different keys that all use one nonce: in every bucket points meet.
#![allow(clippy::unwrap_used, clippy::float_arithmetic, clippy::print_stdout)]
mod common;
#[path = "../tests/support/mod.rs"]
mod support;

use common::cpu_ns;
use k256::Scalar;
use schnorr_batch::{Item, Key, verify, verify_batch_on};
use secp256k1::{XOnlyPublicKey, schnorr};
use support::{Signed, backends, rng, signed};

/// One way to verify, and how many signatures a call verifies.
struct Row<'a> {
    name: String,
    count: usize,
    call: Box<dyn FnMut() + 'a>,
    /// Of each round: nanoseconds a signature, and the ratio to libsecp256k1 in that round.
    seen: Vec<(f64, f64)>,
}

fn main() {
    let mut args = std::env::args().skip(1);
    let seconds = args.next().map_or(2.0, |seconds| seconds.parse().unwrap());
    let mut sizes: Vec<usize> = args.map(|size| size.parse().unwrap()).collect();
    if sizes.is_empty() {
        sizes.extend([1, 4, 8, 16, 64, 256, 1024, 4096]);
    }
    let list = signed(4096);
    let hostile = hostile(4096);
    for size in sizes {
        println!("{size} signatures");
        let mut rows = rows(&list[..size], &hostile[..size]);
        measure(&list, &mut rows, seconds);
        for row in rows {
            let middle = row.seen.len() / 2;
            let of = |pick: fn(&(f64, f64)) -> f64| {
                let mut values: Vec<f64> = row.seen.iter().map(pick).collect();
                values.sort_by(f64::total_cmp);
                values[middle]
            };
            println!("  {:<32} {:>9.0} ns  {:.4}", row.name, of(|seen| seen.0), of(|seen| seen.1));
        }
    }
}

fn rows<'a>(list: &'a [Signed], hostile: &'a [Signed]) -> Vec<Row<'a>> {
    let items: Vec<Item<'_>> = list.iter().map(Signed::item).collect();
    let parsed: Vec<Item<'_>> = list
        .iter()
        .map(|one| Item::with_key(Key::parse(&one.key).unwrap(), &one.message, &one.signature))
        .collect();
    let mut rows = Vec::new();
    let mut add = |name: String, count, call: Box<dyn FnMut()>| {
        rows.push(Row { name, count, call, seen: Vec::new() });
    };
    if list.len() == 1 {
        let one = items.clone();
        add("k256 alone".into(), 1, Box::new(move || verify(&one[0]).unwrap()));
    }
    for backend in backends() {
        for (keys, items) in [("", items.clone()), (", keys parsed", parsed.clone())] {
            let mut coefficients = rng(1);
            let call = move || verify_batch_on(backend, &items, &mut coefficients).unwrap();
            add(format!("{backend:?}{keys}"), list.len(), Box::new(call));
        }
        let items: Vec<Item<'_>> = hostile.iter().map(Signed::item).collect();
        let mut coefficients = rng(1);
        let call = move || verify_batch_on(backend, &items, &mut coefficients).unwrap();
        add(format!("{backend:?}, hostile"), list.len(), Box::new(call));
        let mut items: Vec<Item<'_>> = list.iter().map(Signed::item).collect();
        items[list.len() / 3] = Item::new(list[0].key, b"another", &list[0].signature);
        let mut coefficients = rng(1);
        let call = move || _ = verify_batch_on(backend, &items, &mut coefficients).unwrap_err();
        add(format!("{backend:?}, one wrong"), list.len(), Box::new(call));
    }
    rows
}

/// Runs all in turns, libsecp256k1 before each.
fn measure(list: &[Signed], rows: &mut [Row<'_>], seconds: f64) {
    let theirs: Vec<_> = list[..64.min(list.len())].iter().map(parsed).collect();
    let beside = || theirs.iter().for_each(|(s, m, k)| schnorr::verify(s, m, k).unwrap());
    let mut spent = 0.0;
    for row in rows.iter_mut() {
        (row.call)();
    }
    while spent < seconds * 1e9 {
        for row in rows.iter_mut() {
            let calls = (64 / row.count).max(1);
            let theirs = cpu_ns(beside);
            let ours = cpu_ns(|| (0..calls).for_each(|_| (row.call)()));
            spent += theirs + ours;
            let ours = ours / (calls * row.count) as f64;
            row.seen.push((ours, ours / (theirs / 64.0)));
        }
    }
}

type Parsed = (schnorr::Signature, Vec<u8>, XOnlyPublicKey);

fn parsed(one: &Signed) -> Parsed {
    let signature = schnorr::Signature::from_byte_array(one.signature);
    (signature, one.message.clone(), XOnlyPublicKey::from_byte_array(one.key).unwrap())
}

/// Signatures of different keys with one nonce, which only their signers can make.
fn hostile(count: u64) -> Vec<Signed> {
    let one = |at| Signed::crafted(Scalar::from(at + 2), Scalar::from(77_u64), &[at as u8; 32]);
    (0..count).map(one).collect()
}
