//! Updates and proofs of one state in both trees, turn by turn.
use crate::pairs::{KEYS, after, batch, filling, key, layer, mix, value};
use crate::peer::{Peer, Proof};
use isonomy_benches::measure::{Paired, cpu_ns, of};
use isonomy_crypto::StateProof;
use isonomy_ledger::StateTree;
use serde_json::{Value, json};

/// Odd, so that a median is one of them.
const ROUNDS: u64 = 15;
/// Proofs a round.
const PROOFS: u64 = 500;

pub(crate) fn measure() -> anyhow::Result<Value> {
    let (mut ours, mut peer) = (StateTree::default(), Peer::default());
    for pairs in filling(KEYS) {
        ours = after(&ours, &layer(&pairs));
        peer.update(pairs)?;
    }
    let [make, verify, bytes] = proofs(&ours, &peer)?;
    Ok(json!({ "make": make, "verify": verify, "bytes": bytes, "update": updates(ours, peer)? }))
}

/// The former version is dropped with the clock running, as a chain drops what it has flushed.
fn updates(mut ours: StateTree, mut peer: Peer) -> anyhow::Result<Value> {
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let pairs = batch(round, KEYS);
        let layer = layer(&pairs);
        let our_ns = cpu_ns(|| {
            ours = after(&ours, &layer);
            std::hint::black_box(ours.root());
        });
        let mut updated = Ok(());
        let peer_ns = cpu_ns(|| updated = peer.update(pairs));
        updated?;
        rounds.push((our_ns, peer_ns));
    }
    Ok(shown(&of(rounds)))
}

/// Making, verifying, and bytes of inclusion proofs of one key each.
fn proofs(ours: &StateTree, peer: &Peer) -> anyhow::Result<[Value; 3]> {
    let (mut make, mut verify, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let number = |at| mix(round << 32 | at) % KEYS;
        let pairs: Vec<_> = (0..PROOFS).map(number).map(|n| (key(n), value(n))).collect();
        let mut our: Vec<StateProof> = Vec::new();
        let mut their: Vec<Proof> = Vec::new();
        make.push((
            cpu_ns(|| our.extend(pairs.iter().flat_map(|(key, _)| ours.prove(&[key])))),
            cpu_ns(|| their.extend(pairs.iter().flat_map(|(key, _)| peer.prove(*key)))),
        ));
        let (mut our_valid, mut their_valid) = (0, 0);
        verify.push((
            cpu_ns(|| {
                let root = ours.root();
                let valid = |(proof, (key, value)): &(&StateProof, &([u8; 32], [u8; 64]))| {
                    proof.verify(&root, &[(key, Some(value))]).is_ok()
                };
                our_valid = our.iter().zip(&pairs).filter(valid).count();
            }),
            cpu_ns(|| {
                let valid = |(proof, (key, value)): &(&Proof, &([u8; 32], [u8; 64]))| {
                    peer.verify(proof, *key, *value).is_ok()
                };
                their_valid = their.iter().zip(&pairs).filter(valid).count();
            }),
        ));
        let all = PROOFS as usize;
        anyhow::ensure!((our_valid, their_valid) == (all, all), "a proof was refused");
        bytes.push((borsh::to_vec(&our)?.len() as f64, borsh::to_vec(&their)?.len() as f64));
    }
    Ok([make, verify, bytes].map(|rounds| {
        let each = |(ours, beside)| (ours / PROOFS as f64, beside / PROOFS as f64);
        shown(&of(rounds.into_iter().map(each).collect()))
    }))
}

fn shown(cost: &Paired) -> Value {
    let Paired { ours_ns, beside_ns, ratio } = cost;
    json!({ "ours": ours_ns, "beside": beside_ns, "ratio": ratio })
}
