//! Import blocks beside Bitcoin Core's engine, and print both costs as JSON.
//!
//! Both sides take in a chain of blocks of as many transfers, each with one BIP340 signature, from
//! bytes to committed in memory, in turns on one thread; 100 000 accounts have coins, and each sends
//! once at most. Both refuse a block in which one signature is another's.
//!
//! Ours decodes, hashes the ids and the body's root, checks the signatures, executes, makes the
//! receipts' and the state's root, compares all of it with the header, and adopts the block. The
//! peer connects regtest blocks of one-input one-output taproot key-path spends: it interprets
//! scripts and moves unspent outputs, has no receipts and no root of its state, checks the
//! signatures one by one, and writes blocks and undo data to files. Its databases are in memory.
//!
//! Nothing is flushed meanwhile, on neither side: our last block stands on as many layers as there
//! are blocks before it, so what it costs outside signatures is printed beside the first one's.
//!
//! Outside signatures: ours without the time in which claims are verified; the peer's without as
//! many verifications by `secp256k1`, parsing of keys included, that are measured next to it.
mod keys;
mod miner;
mod ours;
mod peer;

use isonomy_benches::measure::{Paired, cpu_ns, median, of};
use isonomy_crypto::Claim;
use secp256k1::{XOnlyPublicKey, schnorr};

type Failure = Box<dyn std::error::Error>;

/// Accounts with coins, and transfers of a block.
const ACCOUNTS: u32 = 100_000;
const TRANSFERS: u32 = 2_000;
/// Blocks. Odd, so that a median is one of them.
const ROUNDS: u32 = 15;

/// From whom to whom, by number.
type Pair = (u32, u32);

fn main() -> Result<(), Failure> {
    let (mut ours, mut peer) = (ours::Ours::new()?, peer::Peer::new()?);
    both_check(&mut ours, &mut peer)?;
    let (mut all, mut outside) = (Vec::new(), Vec::new());
    let (mut signatures, mut beside_signatures) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let pairs = pairs(round);
        let (our, their) = (ours.block(&pairs)?, peer.block(&pairs)?);
        let foreign: Vec<_> = our.claims.iter().map(Foreign::of).collect();
        let spent = ours.take_in(our)?;
        let beside = peer.connect(&their)?;
        let mut held = false;
        let checks = cpu_ns(|| held = foreign.iter().all(Foreign::holds));
        if !held {
            return Err("`secp256k1` refuses a signature".into());
        }
        let [ours, signed, beside, checks] =
            [spent.all, spent.signatures, beside, checks].map(a_transfer);
        all.push((ours, beside));
        outside.push((ours - signed, beside - checks));
        signatures.push(signed);
        beside_signatures.push(checks);
    }
    let ends = [outside.first(), outside.last()].map(|round| round.map(|(ours, _)| *ours));
    let (all, outside): (Paired, Paired) = (of(all), of(outside));
    let line = serde_json::json!({
        "ours_ns": all.ours_ns, "beside_ns": all.beside_ns, "ratio": all.ratio,
        "outside_ns": outside.ours_ns, "outside_beside_ns": outside.beside_ns,
        "outside_ratio": outside.ratio, "outside_first_ns": ends[0], "outside_last_ns": ends[1],
        "signature_ns": median(signatures), "signature_beside_ns": median(beside_signatures),
    });
    println!("{line}");
    Ok(())
}

fn a_transfer(block_ns: f64) -> f64 {
    block_ns / f64::from(TRANSFERS)
}

/// Of a round. No account sends twice.
fn pairs(round: u32) -> Vec<Pair> {
    let from = round * TRANSFERS..(round + 1) * TRANSFERS;
    from.map(|from| (from, (mix(from.into()) % u64::from(ACCOUNTS)) as u32)).collect()
}

/// SplitMix64's last step.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn both_check(ours: &mut ours::Ours, peer: &mut peer::Peer) -> Result<(), Failure> {
    let pairs = pairs(0);
    let (our, their) = (ours.wrong(&pairs)?, peer.wrong(&pairs)?);
    match (ours.take_in(our), peer.connect(&their)) {
        (Err(_), Err(_)) => Ok(()),
        _ => Err("a wrong signature is accepted".into()),
    }
}

/// A claim in the types of `secp256k1`.
struct Foreign {
    key: [u8; 32],
    message: [u8; 32],
    signature: schnorr::Signature,
}

impl Foreign {
    fn of(claim: &Claim) -> Self {
        let signature = schnorr::Signature::from_byte_array(*claim.signature.as_bytes());
        Self { key: *claim.key.as_bytes(), message: claim.digest.to_bytes(), signature }
    }

    fn holds(&self) -> bool {
        let key = XOnlyPublicKey::from_byte_array(self.key);
        key.is_ok_and(|key| schnorr::verify(&self.signature, &self.message, &key).is_ok())
    }
}
