//! One bench an operation. Where a limit is named, both stand in one group.
#![allow(missing_docs, clippy::unwrap_used)]
use criterion::{Criterion, criterion_group, criterion_main};
use isonomy_benches::{GENESIS, World};
use isonomy_crypto::{Domain, Hash, STATE_NODE, list_root, state_path, state_paths};
use isonomy_ledger::state_root;
use isonomy_types::{Decode, Encode, Transaction};
use std::hint::black_box;
use std::sync::Arc;

/// Beside the hash of the same bytes.
fn codec(criterion: &mut Criterion) {
    let transaction = World::new(2).unwrap().transfers().unwrap().remove(0);
    let bytes = transaction.encode();
    let mut group = criterion.benchmark_group("codec-transaction");
    group.bench_function("decode-id-encode", |bench| {
        bench.iter(|| {
            let decoded = Transaction::decode_exact(black_box(&bytes)).unwrap();
            (decoded.intent().id(), decoded.encode())
        });
    });
    group.bench_function("limit-blake3", |bench| bench.iter(|| blake3::hash(black_box(&bytes))));
    group.finish();
}

fn signatures(criterion: &mut Criterion) {
    let transfers = World::new(64).unwrap().transfers().unwrap();
    criterion.bench_function("check-one", |bench| {
        bench.iter(|| black_box(transfers[0].clone()).check(&GENESIS).unwrap());
    });
    criterion.bench_function("check-64", |bench| {
        bench.iter(|| Transaction::check_all(black_box(transfers.clone()), &GENESIS).unwrap());
    });
}

/// One by one, and many at once.
fn hashes(criterion: &mut Criterion) {
    let hash = |i: u32| state_path(&i.to_le_bytes());
    let pairs: Vec<[Hash; 2]> = (0..4_096).map(|i| [hash(i), hash(!i)]).collect();
    let mut group = criterion.benchmark_group("state-nodes-4096");
    let apart = || pairs.iter().map(|pair| STATE_NODE.join(pair)).collect::<Vec<_>>();
    group.bench_function("apart", |bench| bench.iter(apart));
    group.bench_function("together", |bench| {
        bench.iter(|| {
            let mut nodes = Vec::with_capacity(pairs.len());
            STATE_NODE.join_all(pairs.iter().copied(), |node| nodes.push(node));
            nodes
        });
    });
    group.finish();

    let keys: Vec<Vec<u8>> =
        pairs.iter().map(|[key, _]| [b"key", &key.to_bytes()[..]].concat()).collect();
    let mut group = criterion.benchmark_group("state-paths-4096");
    let apart = || keys.iter().map(|key| state_path(key)).collect::<Vec<_>>();
    group.bench_function("apart", |bench| bench.iter(apart));
    group.bench_function("together", |bench| {
        bench.iter(|| {
            let mut paths = Vec::with_capacity(keys.len());
            state_paths(keys.iter().map(Vec::as_slice), |path| paths.push(path));
            paths
        });
    });
    group.finish();
}

fn roots(criterion: &mut Criterion) {
    let domain = Domain::new("isonomy bench leaf");
    let leaves: Vec<_> = (0_u32..4_096).map(|i| domain.hash(&i.to_le_bytes())).collect();
    criterion.bench_function("list-root-4096", |bench| bench.iter(|| list_root(&leaves)));
    let world = World::new(4_096).unwrap();
    criterion.bench_function("state-root-4096", |bench| {
        bench.iter(|| state_root(world.view()).unwrap());
    });
}

fn execution(criterion: &mut Criterion) {
    let world = World::new(1_000).unwrap();
    let transfers = world.transfers().unwrap();
    let checked = Transaction::check_all(transfers, &GENESIS).unwrap();
    let checked: Vec<_> = checked.into_iter().map(Arc::new).collect();
    criterion.bench_function("execute-1000-transfers", |bench| {
        bench.iter(|| world.block(checked.clone()).run().unwrap());
    });
}

criterion_group!(benches, codec, signatures, hashes, roots, execution);
criterion_main!(benches);
