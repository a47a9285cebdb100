use super::{Broken, Replay};
use crate::Sim;
use isonomy_ledger::{Key, Value, assets};
use isonomy_types::{Amount, Decode};
use std::collections::BTreeMap;

/// Prefixes within the coin's part of the state, as `assets` lays it out.
const BALANCES: u8 = 0;
const SUPPLY: u8 = 1;
const REWARD: u8 = 2;

/// After every block of every branch: the balances sum up to the supply, and that is what genesis
/// allocated and a reward for each height. A chain without the coin passes.
///
/// # Errors
/// Invariant 7.
pub fn supply(sim: &Sim, replay: &Replay) -> Result<(), Broken> {
    if !sim.spec.modules.ids().contains(&assets::ID) {
        return Ok(());
    }
    let genesis = replay.get(&sim.spec.genesis.tip.trail.id);
    let first = genesis.and_then(|block| item(&block.state, SUPPLY)).unwrap_or_default();
    for (id, block) in replay.blocks() {
        let host = sim.hosts().iter().position(|host| host.durable.contains(id));
        let host = host.unwrap_or_default();
        let supply = item(&block.state, SUPPLY).unwrap_or_default();
        let reward = item(&block.state, REWARD).unwrap_or_default();
        let minted = reward.0.saturating_mul(block.trail.height.into());
        let due = first.0.saturating_add(minted);
        Broken::check(7, host, format_args!("supply after {id}"), supply, Amount(due))?;
        let sum = balances(&block.state).map_or_else(|| "unreadable".into(), |s| s.to_string());
        Broken::check(7, host, format_args!("balances after {id}"), sum, supply.to_string())?;
    }
    Ok(())
}

fn key(prefix: u8) -> Vec<u8> {
    [&assets::ID.to_be_bytes()[..], &[prefix]].concat()
}

fn item(state: &BTreeMap<Key, Value>, prefix: u8) -> Option<Amount> {
    Amount::decode_exact(state.get(&*key(prefix))?).ok()
}

/// The sum, unless a balance is unreadable, zero, or they overflow.
fn balances(state: &BTreeMap<Key, Value>) -> Option<Amount> {
    let prefix = key(BALANCES);
    let own = state.iter().filter(|(key, _)| key.starts_with(&prefix));
    own.map(|(_, value)| Amount::decode_exact(value).ok().filter(|amount| amount.0 > 0))
        .try_fold(Amount::ZERO, |sum, amount| sum.checked_add(amount?))
}
