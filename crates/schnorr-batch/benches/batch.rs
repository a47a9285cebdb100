//! Batches of some sizes on every back end: `cargo bench -p schnorr-batch`.
#![allow(missing_docs, clippy::unwrap_used)]
#[path = "../tests/support/mod.rs"]
mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use schnorr_batch::{Item, verify, verify_batch_on};
use support::{Signed, backends, rng, signed};

fn batches(criterion: &mut Criterion) {
    let list = signed(4096);
    let mut rng = rng(1);
    criterion.bench_function("single", |bench| bench.iter(|| verify(&list[0].item()).unwrap()));
    for size in [16, 64, 256, 4096] {
        let mut group = criterion.benchmark_group(format!("batch of {size}"));
        group.throughput(Throughput::Elements(size as u64)).sample_size(20);
        let items: Vec<Item<'_>> = list[..size].iter().map(Signed::item).collect();
        for backend in backends() {
            group.bench_function(format!("{backend:?}"), |bench| {
                bench.iter(|| verify_batch_on(backend, &items, &mut rng).unwrap());
            });
        }
    }
}

criterion_group!(benches, batches);
criterion_main!(benches);
