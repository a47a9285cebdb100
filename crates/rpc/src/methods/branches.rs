//! The shape of the chain: where branches end, what they are made of, and numbers over time.
use super::blocks::Moment;
use crate::error::Refusal;
use crate::limits::{BRANCH_BLOCKS_MAX, BRANCH_DEPTH_MAX, SERIES_MAX, TIPS_MAX};
use crate::source::Desk;
use isonomy_chain::Chain;
use isonomy_client::api::{
    BlockAt, BranchBlock, BranchesQuestion, SeriesEntry, SeriesQuestion, TipReply, code,
};
use isonomy_consensus::Trail;
use isonomy_crypto::Hash;
use isonomy_ledger::Receipt;
use isonomy_types::{Amount, Wall};
use std::collections::BTreeMap;

pub(super) async fn tips(desk: &Desk) -> Result<Vec<TipReply>, Refusal> {
    desk.look(|node| {
        let chain = node.chain();
        chain.leaves().take(TIPS_MAX).map(|leaf| tip(chain, leaf)).collect()
    })
    .await
}

fn tip(chain: &Chain, leaf: &Trail) -> TipReply {
    let shared = chain.ancestry(leaf.id).find(|id| chain.contains_on_best(id));
    let since = shared.and_then(|id| chain.trail(&id)).map(|trail| trail.height);
    let executed = chain.params_after(&leaf.id).is_some();
    TipReply { id: leaf.id, height: leaf.height, best: leaf.id == chain.best().id, executed, since }
}

pub(super) async fn branches(
    desk: &Desk,
    BranchesQuestion { depth }: BranchesQuestion,
) -> Result<Vec<BranchBlock>, Refusal> {
    let depth = depth.unwrap_or(BRANCH_DEPTH_MAX);
    if depth > BRANCH_DEPTH_MAX {
        let why = format_args!("depth {depth}, limit {BRANCH_DEPTH_MAX}");
        return Err(Refusal::new(code::PARAMS, why));
    }
    desk.look(move |node| shape(node.chain(), depth)).await
}

/// Best first, then the heaviest branches, until there are enough.
fn shape(chain: &Chain, depth: u64) -> Vec<BranchBlock> {
    let lowest = chain.best().height.saturating_sub(depth);
    let mut blocks = BTreeMap::new();
    let best = chain.best().id;
    for end in [best].into_iter().chain(chain.leaves().take(TIPS_MAX).map(|leaf| leaf.id)) {
        for id in chain.ancestry(end) {
            let Some(trail) = chain.trail(&id).filter(|trail| trail.height >= lowest) else {
                break;
            };
            let key = (trail.height, id);
            if blocks.len() >= BRANCH_BLOCKS_MAX || blocks.contains_key(&key) {
                break;
            }
            let Trail { height, parent, time, .. } = *trail;
            let best = chain.contains_on_best(&id);
            blocks.insert(key, BranchBlock { id, parent, height, time, best });
        }
    }
    blocks.into_values().collect()
}

/// What memory knows of a block.
struct Held {
    height: u64,
    time: Wall,
    receipts: Option<Sum>,
    id: Hash,
    size: Option<u64>,
}

/// Of all transactions of a block.
#[derive(Clone, Copy, Default)]
struct Sum {
    transactions: u64,
    fees: Amount,
    meter: u64,
}

impl Sum {
    fn of(receipts: &[Receipt]) -> Self {
        receipts.iter().fold(Self::default(), |sum, receipt| Self {
            transactions: sum.transactions.saturating_add(1),
            fees: Amount(sum.fees.0.saturating_add(receipt.fee.0)),
            meter: sum.meter.saturating_add(receipt.meter),
        })
    }

    const fn entry(self, height: u64, time: Wall, size: Option<u64>) -> SeriesEntry {
        let Self { transactions, fees, meter } = self;
        SeriesEntry { height, time, transactions, fees, meter, size }
    }
}

pub(super) async fn series(
    desk: &Desk,
    SeriesQuestion { blocks }: SeriesQuestion,
) -> Result<Vec<SeriesEntry>, Refusal> {
    if !(1..=SERIES_MAX).contains(&blocks) {
        let why = format_args!("got {blocks} blocks, ask for 1 to {SERIES_MAX}");
        return Err(Refusal::new(code::PARAMS, why));
    }
    let (moment, held) = desk
        .look(move |node| {
            let chain = node.chain();
            let most = usize::try_from(blocks).unwrap_or(0);
            let ids = chain.ancestry(chain.best().id).take(most);
            let held: Vec<Held> = ids.map_while(|id| see(chain, id)).collect();
            (Moment::of(chain), held)
        })
        .await?;
    let Some(lowest) = held.last().map(|block| block.height) else { return Ok(Vec::new()) };
    let first = moment.best().saturating_sub(blocks.saturating_sub(1));
    desk.read(move |source| {
        let archive = &*source.archive;
        let stored = |id: &Hash| {
            let receipts = archive.receipts(id).map_err(Refusal::internal)?;
            Ok::<_, Refusal>(Sum::of(&receipts.unwrap_or_default()))
        };
        let mut entries = Vec::new();
        for height in first..lowest {
            let header = moment.archived(archive, BlockAt::Height(height))?;
            // A node that began at a snapshot knows none from before.
            let Some(header) = header else { continue };
            entries.push(stored(&header.id())?.entry(height, header.time, None));
        }
        for Held { height, time, receipts, id, size } in held.into_iter().rev() {
            let sum = receipts.map_or_else(|| stored(&id), Ok)?;
            entries.push(sum.entry(height, time, size));
        }
        Ok(entries)
    })
    .await
}

fn see(chain: &Chain, id: Hash) -> Option<Held> {
    let header = chain.header(&id)?;
    let bytes = |sum: u64, bytes: usize| sum.saturating_add(bytes as u64);
    let size =
        chain.transactions(&id).map(|held| held.iter().fold(4, |sum, it| bytes(sum, it.bytes())));
    let receipts = chain.receipts(&id).map(Sum::of);
    Some(Held { height: header.height, time: header.time, receipts, id, size })
}
