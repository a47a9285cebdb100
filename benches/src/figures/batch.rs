//! Signatures of a batch beside single verifications, keys parsed by both.
#![allow(clippy::float_arithmetic)]
use super::Measured;
use super::row::{Goal, Row, time};
use super::verify::Foreign;
use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
use isonomy_benches::measure::{cpu_ns, of, wall_ns};
use isonomy_benches::secret;
use isonomy_crypto::{Claim, Domain};
use rayon::ThreadPoolBuilder;
use schnorr_batch::{Backend, Item, measure, verify_batch_on, verify_batch_parallel};
use std::error::Error;

const MESSAGE: Domain = Domain::new("isonomy bench batch 1");
const ROUNDS: usize = 21;
/// Signatures that the peer verifies in a round, and ours at least.
const A_ROUND: usize = 256;
const CORES: usize = 2;
/// Products of a round: some milliseconds of them.
const PRODUCTS: u64 = 4_000_000;

/// A row of so many signatures on the processor's vectors, or in plain Rust.
macro_rules! row {
    ($name:ident, $what:literal, $backend:expr, $count:literal, $goal:literal) => {
        pub(super) fn $name() -> Measured {
            beside_single($what, $backend, $count, $goal)
        }
    };
}

row!(ifma_4096, "a signature of 4 096, AVX-512 IFMA", Backend::ifma(), 4_096, 0.075);
row!(portable_4096, "the same in plain Rust", Some(Backend::PORTABLE), 4_096, 0.33);
row!(ifma_256, "a signature of 256, AVX-512 IFMA", Backend::ifma(), 256, 0.11);
row!(portable_256, "the same in plain Rust", Some(Backend::PORTABLE), 256, 0.42);
row!(ifma_64, "a signature of 64, AVX-512 IFMA", Backend::ifma(), 64, 0.16);
row!(portable_64, "the same in plain Rust", Some(Backend::PORTABLE), 64, 0.65);
row!(ifma_16, "a signature of 16, AVX-512 IFMA", Backend::ifma(), 16, 0.28);
row!(portable_16, "the same in plain Rust", Some(Backend::PORTABLE), 16, 1.2);

fn beside_single(
    what: &'static str,
    backend: Option<Backend>,
    count: usize,
    goal: f64,
) -> Measured {
    let Some(backend) = backend else {
        return Ok(Row::not_here(what, "the processor lacks AVX-512 IFMA", Goal::Ratio(goal)));
    };
    let claims = claims(count.max(A_ROUND))?;
    let foreign: Vec<_> = claims.iter().take(A_ROUND).map(Foreign::of).collect();
    let items: Vec<_> = claims.iter().map(item).collect();
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let (mut held, mut rounds) = (true, Vec::new());
    for _ in 0..ROUNDS {
        let ours = cpu_ns(|| {
            for batch in items.chunks(count) {
                held &= verify_batch_on(backend, batch, &mut rng).is_ok();
            }
        });
        let theirs = cpu_ns(|| held &= foreign.iter().all(Foreign::holds));
        rounds.push((ours / items.len() as f64, theirs / foreign.len() as f64));
    }
    let cost = of(rounds);
    if !held {
        return Err("a signature that both must accept is refused".into());
    }
    Ok(Row {
        what,
        ours: time(cost.ours_ns),
        beside: format!("`secp256k1` {}", time(cost.beside_ns)),
        ratio: Some(cost.ratio),
        goal: Some(Goal::Ratio(goal)),
    })
}

/// By the wall's clock, since two threads work. Cores that share what multiplies are not two: what
/// two do to products alone, which share nothing else, is measured next to it.
pub(super) fn cores() -> Measured {
    let claims = claims(4_096)?;
    let items: Vec<_> = claims.iter().map(item).collect();
    let pool = ThreadPoolBuilder::new().num_threads(CORES).build()?;
    let (backend, mut rng) = (Backend::best(), ChaCha20Rng::from_seed([1; 32]));
    let (mut held, mut rounds, mut limits) = (true, Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let two = wall_ns(|| {
            held &= pool.install(|| verify_batch_parallel(backend, &items, &mut rng)).is_ok();
        });
        let one = wall_ns(|| held &= verify_batch_on(backend, &items, &mut rng).is_ok());
        let half = || measure::multiply(backend, PRODUCTS / CORES as u64);
        let both = wall_ns(|| {
            pool.install(|| rayon::join(half, half));
        });
        limits.push((both, wall_ns(|| measure::multiply(backend, PRODUCTS))));
        rounds.push((two, one));
    }
    if !held {
        return Err("a signature that must be accepted is refused".into());
    }
    let (cost, limit) = (of(rounds), of(limits).ratio);
    Ok(Row {
        what: "4 096 signatures on two cores",
        ours: time(cost.ours_ns),
        beside: format!("on one {}; products alone {limit:.2}", time(cost.beside_ns)),
        ratio: Some(cost.ratio),
        goal: Some(Goal::Ratio(0.56)),
    })
}

/// Beside nothing but the field operations of the method, where none waits for another.
pub(super) fn limit() -> Measured {
    let claims = claims(4_096)?;
    let items: Vec<_> = claims.iter().map(item).collect();
    let (backend, mut rng) = (Backend::best(), ChaCha20Rng::from_seed([1; 32]));
    let (mut held, mut rounds) = (true, Vec::new());
    let verify = |backend, rng: &mut _| verify_batch_on(backend, &items, rng).is_ok();
    let count = measure::count(|| held &= verify(measure::counting(backend), &mut rng));
    for _ in 0..ROUNDS {
        let ours = cpu_ns(|| held &= verify(backend, &mut rng));
        let products = cpu_ns(|| measure::multiply(backend, count.products));
        let squares = cpu_ns(|| measure::square(backend, count.squares));
        rounds.push((ours / items.len() as f64, (products + squares) / items.len() as f64));
    }
    if !held {
        return Err("a signature that must be accepted is refused".into());
    }
    let (cost, each) = (of(rounds), items.len() as u64);
    let (products, squares) = (count.products / each, count.squares / each);
    let limit = time(cost.beside_ns);
    Ok(Row {
        what: "a signature of 4 096 beside its field operations alone",
        ours: time(cost.ours_ns),
        beside: format!("{products} products and {squares} squares at their throughput, {limit}"),
        ratio: Some(cost.ratio),
        goal: None,
    })
}

/// Each by a key of its own.
fn claims(count: usize) -> Result<Vec<Claim>, Box<dyn Error>> {
    let claim = |number: usize| {
        let number = u32::try_from(number)?;
        let (secret, digest) = (secret(number)?, MESSAGE.hash(&number.to_le_bytes()));
        Ok(Claim { key: secret.public(), digest, signature: secret.sign(&digest, &[0; 32])? })
    };
    (1..=count).map(claim).collect()
}

fn item(claim: &Claim) -> Item<'_> {
    Item::new(*claim.key.as_bytes(), claim.digest.as_bytes(), claim.signature.as_bytes())
}
