use super::{Broken, Replay};
use crate::Sim;
use isonomy_ledger::{Admit, account};
use isonomy_node::Node;
use isonomy_types::{Address, Wall};
use std::collections::{BTreeMap, BTreeSet};

/// What waits in each host's mempool is admitted at its tip and not confirmed on its branch, and
/// each lane goes on from the state without a gap. Only true once a run is at rest.
///
/// # Errors
/// Invariant 9.
pub fn pool(sim: &Sim, replay: &Replay) -> Result<(), Broken> {
    for (index, host) in sim.hosts().iter().enumerate() {
        let Some(node) = host.node() else { continue };
        let branch = replay.branch(node.chain().best().id);
        let ids = branch.flat_map(|(_, block)| block.receipts.iter().map(|r| r.transaction));
        let confirmed: BTreeSet<_> = ids.collect();
        for id in node.pool().ids() {
            let what = format_args!("a place for the waiting {id} on its branch");
            Broken::check(9, index, what, confirmed.contains(&id), false)?;
        }
        let gaps = gaps(node).unwrap_or(usize::MAX);
        Broken::check(9, index, "the number of lanes with gaps", gaps, 0)?;
        let refused = refused(sim, node).unwrap_or_else(|| "unreadable".into());
        Broken::check(9, index, "what the tip refuses of the mempool", refused.as_str(), "")?;
    }
    Ok(())
}

/// How many lanes do not go on from the state; `None` if it cannot be read.
fn gaps(node: &Node) -> Option<usize> {
    let view = node.chain().view(&node.chain().best().id)?;
    let mut lanes: BTreeMap<(Address, u16), BTreeSet<u64>> = BTreeMap::new();
    for transaction in node.pool().ids().iter().filter_map(|id| node.pool().get(id)) {
        for signer in transaction.intent().signers.iter() {
            let lane = lanes.entry((signer.account, signer.nonce.lane)).or_default();
            lane.insert(signer.nonce.seq);
        }
    }
    let mut gaps = 0;
    for ((address, lane), seqs) in lanes {
        let stated = account(&*view, &address).ok()?.lanes;
        let next = stated.into_iter().find(|(of, _)| *of == lane).map_or(0, |(_, next)| next);
        gaps += usize::from(!seqs.iter().copied().eq((next..).take(seqs.len())));
    }
    Some(gaps)
}

/// The first refusal, in words; empty if there is none.
fn refused(sim: &Sim, node: &Node) -> Option<String> {
    let chain = node.chain();
    let (tip, modules) = (chain.best(), &sim.spec.modules);
    let env = chain.next_env(&tip.id, Wall(tip.time.0.saturating_add(1)), Address::default())?;
    let view = chain.view(&tip.id)?;
    let waiting = node.pool().ids().into_iter().filter_map(|id| node.pool().get(&id).cloned());
    let mut refusals = waiting.filter_map(|transaction| {
        let (env, modules, view) = (env.clone(), modules.clone(), view.clone());
        Admit { env, modules, view, transaction }.run().err()
    });
    Some(refusals.next().map_or_else(String::new, |why| why.to_string()))
}
