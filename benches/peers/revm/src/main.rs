//! Execute transfers beside revm, and print both costs as JSON.
//!
//! Both sides start from transactions in memory whose signatures are checked already, in a state in
//! memory of as many accounts. Ours ends with the layer that the block wrote (the base below is
//! untouched, so dropping the layer is the undo), receipts, events and the receipts' root; with the
//! root, also with the state's tree. What taking the layer into the store's base costs stands beside
//! it, as `flush_ns`. The peer ends with its changes in `CacheDB`, without receipts' root, state root
//! or a way back.
mod ours;
mod peer;

use isonomy_benches::measure::{cpu_ns, median, of};
use std::error::Error;

/// Accounts of the state, and transfers of a block.
const ACCOUNTS: u64 = 1_000_000;
const TRANSFERS: u64 = 10_000;
const ROUNDS: u64 = 15;

/// From whom to whom, by number.
type Pair = (u64, u64);

fn main() -> Result<(), Box<dyn Error>> {
    let mut ours = ours::Chain::new(ACCOUNTS)?;
    let mut peer = peer::Peer::new(ACCOUNTS);
    let (mut exec, mut root, mut flush) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let pairs: Vec<Pair> = (0..TRANSFERS).map(|at| pair(round << 32 | at)).collect();
        let block = ours.block(&pairs)?;
        let (our_exec, _) = timed(|| ours.trial(&block))?;
        let (our_root, done) = timed(|| ours.run(&block))?;
        flush.push(timed(|| ours.keep(&block, &done))?.0);
        let transfers = peer.transfers(&pairs)?;
        let (beside, ()) = timed(|| peer.run(transfers))?;
        exec.push((our_exec, beside));
        root.push((our_root, beside));
    }
    let (exec, root, flush) = (of(exec), of(root), median(flush));
    let line = serde_json::json!({
        "exec_ns": exec.ours_ns, "exec_ratio": exec.ratio,
        "root_ns": root.ours_ns, "root_ratio": root.ratio,
        "flush_ns": flush, "beside_ns": exec.beside_ns,
    });
    println!("{line}");
    Ok(())
}

/// Nanoseconds of this thread a transfer, and what came of it.
fn timed<T>(work: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<(f64, T), Box<dyn Error>> {
    let mut result = None;
    let ns = cpu_ns(|| result = Some(work()));
    Ok((ns / TRANSFERS as f64, result.ok_or("not run")??))
}

/// Two accounts that differ.
fn pair(number: u64) -> Pair {
    let (from, step) = (mix(number) % ACCOUNTS, mix(!number) % (ACCOUNTS - 1) + 1);
    (from, (from + step) % ACCOUNTS)
}

/// SplitMix64's last step.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
