//! One look at a node: what moved since the last.
use isonomy_chain::{Chain, Pool};
use isonomy_client::api::{BlockNotice, HeadNotice, NOTICE_IDS_MAX};
use isonomy_consensus::Trail;
use isonomy_crypto::Hash;
use isonomy_ledger::Receipt;
use isonomy_node::Node;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is known from the look before, and what is wanted now.
pub(super) struct Since {
    /// `None`: this is the first look.
    pub(super) best: Option<Hash>,
    /// `None`: blocks are not looked at.
    pub(super) executed: Option<Arc<BTreeSet<Hash>>>,
    pub(super) receipts: bool,
    pub(super) pool: bool,
}

/// What there is now.
pub(super) struct Seen {
    pub(super) head: HeadNotice,
    /// `None`: where the best branch came from is not in memory any more.
    pub(super) path: Option<Path>,
    /// Blocks that were not known, the lowest first.
    pub(super) blocks: Vec<BlockNotice>,
    pub(super) executed: Arc<BTreeSet<Hash>>,
    /// Of the blocks that joined and are above the base.
    pub(super) receipts: Vec<(Hash, Vec<Receipt>)>,
    pub(super) pool: Option<Waiting>,
}

/// From one best block to another. Nothing left and nothing joined: best has not moved.
#[derive(Default)]
pub(super) struct Path {
    pub(super) ancestor: (Hash, u64),
    /// The highest first.
    pub(super) left: Vec<(Hash, u64)>,
    /// The lowest first.
    pub(super) joined: Vec<(Hash, u64)>,
}

/// The mempool.
pub(super) struct Waiting {
    pub(super) ids: BTreeSet<Hash>,
    pub(super) bytes: u64,
    pub(super) least_price: u64,
}

/// `None` in the moment in which a node starts.
pub(super) fn look(node: &Node, since: &Since) -> Option<Seen> {
    let chain = node.chain();
    let path = since.best.map_or_else(|| Some(Path::default()), |from| path(chain, from));
    let left = path.as_ref().map_or(0, |path| path.left.len() as u64);
    let joined = path.iter().flat_map(|path| &path.joined).filter(|_| since.receipts);
    let receipts = joined.filter_map(|(id, _)| Some((*id, chain.receipts(id)?.to_vec()))).collect();
    let (blocks, executed) = since.executed.as_ref().map_or_else(Default::default, |known| {
        let executed: BTreeSet<Hash> = chain.executed_blocks().map(|trail| trail.id).collect();
        let new = chain.executed_blocks().filter(|trail| !known.contains(&trail.id));
        let mut blocks: Vec<_> = new.map(|trail| block(chain, trail)).collect();
        blocks.sort_by_key(|block| (block.height, block.id));
        (blocks, Arc::new(executed))
    });
    let pool = since.pool.then(|| waiting(node.pool(), node.least_price()));
    Some(Seen { head: head(chain, left)?, path, blocks, executed, receipts, pool })
}

fn path(chain: &Chain, from: Hash) -> Option<Path> {
    let at = |id: Hash| Some((id, chain.trail(&id)?.height));
    let left: Vec<_> = chain
        .ancestry(from)
        .take_while(|id| !chain.contains_on_best(id))
        .take(NOTICE_IDS_MAX)
        .filter_map(at)
        .collect();
    let ancestor = match left.last() {
        None => at(from)?,
        Some((lowest, _)) => at(chain.trail(lowest)?.parent)?,
    };
    let above = chain.best().height.checked_sub(ancestor.1)?;
    let above = usize::try_from(above).ok().filter(|above| *above <= NOTICE_IDS_MAX)?;
    let mut joined: Vec<_> = chain.ancestry(chain.best().id).take(above).filter_map(at).collect();
    joined.reverse();
    chain.contains_on_best(&ancestor.0).then_some(Path { ancestor, left, joined })
}

fn head(chain: &Chain, left: u64) -> Option<HeadNotice> {
    let Trail { id, height, parent, time, .. } = *chain.best();
    let state_root = chain.header(&id)?.state_root;
    let transactions = transactions(chain, &id);
    Some(HeadNotice { id, height, parent, time, transactions, left, state_root })
}

fn block(chain: &Chain, trail: &Trail) -> BlockNotice {
    let Trail { id, height, parent, time, .. } = *trail;
    let transactions = transactions(chain, &id);
    BlockNotice { id, height, parent, time, transactions, best: chain.contains_on_best(&id) }
}

fn transactions(chain: &Chain, id: &Hash) -> u64 {
    chain.transactions(id).map_or(0, |transactions| transactions.len() as u64)
}

fn waiting(pool: &Pool, least_price: u64) -> Waiting {
    let ids = pool.ids().into_iter().collect();
    Waiting { ids, bytes: pool.bytes() as u64, least_price }
}
