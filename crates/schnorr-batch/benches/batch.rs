//! Batches of some sizes on every back end: `cargo bench -p schnorr-batch`.
#![allow(missing_docs, clippy::unwrap_used)]
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use k256::schnorr::SigningKey;
use schnorr_batch::{Backend, Item, verify, verify_batch_on};

struct Signed {
    key: [u8; 32],
    message: [u8; 32],
    signature: [u8; 64],
}

impl Signed {
    fn item(&self) -> Item<'_> {
        Item::new(self.key, &self.message, &self.signature)
    }
}

fn signed(count: usize) -> Vec<Signed> {
    let mut rng = ChaCha20Rng::from_seed([0; 32]);
    let mut bytes = || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let one = |_| {
        let (signer, message) = (SigningKey::from_slice(&bytes()).unwrap(), bytes());
        let signature = signer.sign_raw(&message, &[0; 32]).unwrap().to_bytes();
        Signed { key: (*signer.verifying_key()).to_bytes().into(), message, signature }
    };
    (0..count).map(one).collect()
}

fn batches(criterion: &mut Criterion) {
    let list = signed(4096);
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    criterion.bench_function("single", |bench| bench.iter(|| verify(&list[0].item()).unwrap()));
    for size in [16, 64, 256, 4096] {
        let mut group = criterion.benchmark_group(format!("batch of {size}"));
        group.throughput(Throughput::Elements(size as u64)).sample_size(20);
        let items: Vec<Item<'_>> = list[..size].iter().map(Signed::item).collect();
        for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
            group.bench_function(format!("{backend:?}"), |bench| {
                bench.iter(|| verify_batch_on(backend, &items, &mut rng).unwrap());
            });
        }
    }
}

criterion_group!(benches, batches);
criterion_main!(benches);
