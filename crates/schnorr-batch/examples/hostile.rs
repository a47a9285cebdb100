//! Prints what batches made to be costly cost beside an honest one of the same size.
//!
//! Valid ones, whose points meet at every turn, may cost twice as much; of others, what goes beyond is
//! told as single verifications for each wrong signature: to find it by halves and to name it.
//!
//! `cargo run --release -p schnorr-batch --example hostile [seconds [size...]]`
#![allow(clippy::unwrap_used, clippy::float_arithmetic, clippy::print_stdout)]
#![allow(clippy::arithmetic_side_effects)]
mod common;
#[path = "../tests/pool/mod.rs"]
mod pool;
#[path = "../tests/support/mod.rs"]
mod support;

use chacha20::ChaCha20Rng;
use common::{cpu_ns, median};
use k256::Scalar;
use pool::Dice;
use schnorr_batch::{Backend, Item, verify, verify_batch_on};
use support::{Signed, backends, items, rng};

/// A batch, and what was seen of it: nanoseconds beside those of the honest one in the same turn.
struct Row {
    name: &'static str,
    list: Vec<Signed>,
    wrong: usize,
    seen: Vec<(f64, f64)>,
}

fn main() {
    let mut args = std::env::args().skip(1);
    let seconds = args.next().map_or(3.0, |seconds| seconds.parse().unwrap());
    let mut sizes: Vec<usize> = args.map(|size| size.parse().unwrap()).collect();
    if sizes.is_empty() {
        sizes.extend([64, 1024]);
    }
    let mut dice = Dice(rng(0));
    for size in sizes {
        let honest: Vec<Signed> = (0..size).map(|_| dice.signed()).collect();
        let mut rows = valid(&honest, &mut dice);
        rows.extend(wrong(&honest));
        for backend in backends() {
            measure(backend, &honest, &mut rows, seconds);
        }
    }
}

/// Lists in which points meet.
fn valid(honest: &[Signed], dice: &mut Dice) -> Vec<Row> {
    let lambda = pool::crafted::lambda();
    let images = [Scalar::ONE, lambda, lambda * lambda, -Scalar::ONE, -lambda, -(lambda * lambda)];
    let nonce = dice.scalar();
    let small = |value: usize| Scalar::from(value as u64);
    let mut row = |name, of: &dyn Fn(usize, Scalar, Scalar) -> (Scalar, Scalar)| {
        let mut one = |at| {
            let (key, nonce) = of(at, dice.scalar(), dice.scalar());
            Signed::crafted(key, nonce, &honest[at].message)
        };
        let list = (0..honest.len()).map(&mut one).collect();
        Row { name, list, wrong: 0, seen: Vec::new() }
    };
    let mut rows = vec![
        row("one nonce", &|_, key, _| (key, nonce)),
        row("one nonce, every other", &|at, key, own| (key, if at % 2 == 0 { nonce } else { own })),
        row("one nonce, twice", &|at, key, own| (key, if at < 2 { nonce } else { own })),
        row("few nonces", &|at, key, _| (key, small(at % 7 + 1))),
        row("one key", &|_, _, own| (nonce, own)),
        row("nonces are keys", &|_, key, _| (key, key)),
        row("nonces are the next keys", &|at, _, _| (nonce + small(at), nonce + small(at + 1))),
        row("keys and nonces 1, 2, 3 and on", &|at, _, _| (small(at + 1), small(at + 1))),
        row("keys 1, 2, 3 and on, one nonce", &|at, _, _| (small(at + 1), nonce)),
        row("keys and nonces six images", &|at, _, _| (nonce * images[at % 6], images[at / 6 % 6])),
        row("nonces six images", &|at, key, _| (key, nonce * images[at % 6])),
        row("keys six images, many", &|at, _, _| (small(at / 6 + 2) * images[at % 6], nonce)),
    ];
    let list = vec![honest[0].clone(); honest.len()];
    rows.push(Row { name: "one signature", list, wrong: 0, seen: Vec::new() });
    rows
}

/// Lists of which some are wrong.
fn wrong(honest: &[Signed]) -> Vec<Row> {
    let row = |name, step: usize, of: &dyn Fn(&mut Signed)| {
        let mut list = honest.to_vec();
        list.iter_mut().step_by(step).for_each(of);
        Row { name, list, wrong: honest.len().div_ceil(step), seen: Vec::new() }
    };
    let s = |one: &mut Signed| one.add_to_s(Scalar::ONE);
    vec![
        row("one wrong", honest.len(), &s),
        row("two wrong", honest.len() / 2, &s),
        row("every 64th wrong", 64, &s),
        row("every 16th wrong", 16, &s),
        row("every 8th wrong", 8, &s),
        row("every 4th wrong", 4, &s),
        row("every other wrong", 2, &s),
        row("all wrong", 1, &s),
        row("all keys out of range", 1, &|one| one.key = [0xFF; 32]),
        row("all keys off the curve", 1, &|one| one.key = off_the_curve(one.key)),
        row("all r off the curve", 1, &|one| {
            let r = off_the_curve(one.signature[..32].try_into().unwrap());
            one.signature[..32].copy_from_slice(&r);
        }),
        row("all s out of range", 1, &|one| one.signature[32..].fill(0xFF)),
    ]
}

fn off_the_curve(mut x: [u8; 32]) -> [u8; 32] {
    while schnorr_batch::Key::parse(&x).is_ok() {
        x[31] = x[31].wrapping_add(1);
    }
    x
}

/// Has all judged in turns.
fn measure(backend: Backend, honest: &[Signed], rows: &mut [Row], seconds: f64) {
    let mut rng = rng(1);
    let plain = items(honest);
    let mut alone = Vec::new();
    let mut spent = 0.0;
    rows.iter_mut().for_each(|row| row.seen.clear());
    while spent < seconds * 1e9 || alone.len() < 3 {
        let some = &plain[..plain.len().min(32)];
        let single = cpu_ns(|| some.iter().for_each(|item| verify(item).unwrap()));
        alone.push(single / some.len() as f64);
        for row in rows.iter_mut() {
            let calls = (256 / plain.len()).max(1);
            let ours = call(backend, &plain, calls, &mut rng, 0);
            let theirs = call(backend, &items(&row.list), calls, &mut rng, row.wrong);
            spent += ours + theirs;
            row.seen.push((ours / calls as f64, theirs / calls as f64));
        }
    }
    let alone = median(alone);
    let honest = median(rows.iter().flat_map(|row| row.seen.iter().map(|seen| seen.0)).collect());
    let each = honest / plain.len() as f64;
    println!("{} signatures, {backend:?}: {each:.0} ns each; alone {alone:.0} ns", plain.len());
    for row in rows {
        let ratio = median(row.seen.iter().map(|seen| seen.1 / seen.0).collect());
        print!("  {:<34} {ratio:>6.2}", row.name);
        if row.wrong > 0 {
            let more = median(row.seen.iter().map(|seen| seen.1 - 2.0 * seen.0).collect());
            print!("   {:>6.2} single ones for each wrong", more / alone / row.wrong as f64);
        }
        println!();
    }
}

/// What it takes to judge a list so many times.
fn call(
    backend: Backend,
    items: &[Item<'_>],
    calls: usize,
    rng: &mut ChaCha20Rng,
    wrong: usize,
) -> f64 {
    cpu_ns(|| {
        for _ in 0..calls {
            let verdict = verify_batch_on(backend, items, rng);
            assert_eq!(verdict.err().map_or(0, |invalid| invalid.flaws().len()), wrong);
        }
    })
}
