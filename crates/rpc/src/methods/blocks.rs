//! Blocks: out of the chain's memory from the base up, out of the archive below.
use super::not_found;
use crate::error::Refusal;
use crate::source::Desk;
use isonomy_chain::{Archive, Chain, Transactions};
use isonomy_client::api::{BlockAt, BlockReply, HeaderReply, TransactionSummary};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Body, Encode, Header, Intent};

/// Bytes of an encoded body beside its transactions: their count.
const COUNT_BYTES: u64 = 4;

/// One moment of a chain: where its best branch ends, and where memory does.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    best: u64,
    base: u64,
}

impl Moment {
    pub(crate) fn of(chain: &Chain) -> Self {
        Self { best: chain.best().height, base: chain.base().height }
    }

    /// Height of the best block.
    pub(crate) const fn best(self) -> u64 {
        self.best
    }

    /// Blocks of the best branch from `height` up, if it has come so far.
    pub(crate) const fn confirmations(self, height: u64) -> Option<u64> {
        match self.best.checked_sub(height) {
            Some(above) => Some(above.saturating_add(1)),
            None => None,
        }
    }

    /// A block of the archive. One above the base was flushed after this moment: it was not yet
    /// there.
    pub(crate) fn archived(
        self,
        archive: &dyn Archive,
        at: BlockAt,
    ) -> Result<Option<Header>, Refusal> {
        let entry = match at {
            BlockAt::Id(id) => archive.entry(&id),
            BlockAt::Height(height) => archive.entry_at(height),
        };
        let header = entry.map_err(Refusal::internal)?.map(|entry| entry.header);
        Ok(header.filter(|header| header.height <= self.base))
    }
}

/// A header, and the body's transactions where they are in memory.
struct Found {
    id: Hash,
    header: Header,
    best: bool,
    transactions: Option<Transactions>,
}

pub(crate) async fn header(desk: &Desk, at: BlockAt) -> Result<HeaderReply, Refusal> {
    let (moment, Found { id, header, best, .. }) = find(desk, at).await?;
    let confirmations = moment.confirmations(header.height).filter(|_| best);
    Ok(HeaderReply { id, header, confirmations, best })
}

pub(crate) async fn block(desk: &Desk, at: BlockAt) -> Result<BlockReply, Refusal> {
    let (moment, Found { id, header, best, transactions }) = find(desk, at).await?;
    let transactions: Vec<_> = match transactions {
        Some(held) => held.iter().map(|tx| summary(tx.id(), tx.intent(), tx.bytes())).collect(),
        // Needs no reading; genesis is such a block, and no log holds it.
        None if header.body_root == Body::default().root() => Vec::new(),
        None => archived_body(desk, id).await?,
    };
    let size = transactions.iter().fold(COUNT_BYTES, |sum, tx| sum.saturating_add(tx.size));
    let confirmations = moment.confirmations(header.height).filter(|_| best);
    Ok(BlockReply { id, header, confirmations, transactions, size })
}

async fn find(desk: &Desk, at: BlockAt) -> Result<(Moment, Found), Refusal> {
    let (moment, found) = desk.look(move |node| see(node.chain(), at)).await?;
    if let Some(found) = found {
        return Ok((moment, found));
    }
    let header = desk.read(move |source| moment.archived(&*source.archive, at)).await?;
    let header = header.ok_or_else(|| match at {
        BlockAt::Id(id) => not_found(format_args!("no block {id} is known here")),
        BlockAt::Height(height) => {
            let best = moment.best;
            not_found(format_args!("no block has height {height} yet; the best has {best}"))
        }
    })?;
    // What is flushed is canonical.
    Ok((moment, Found { id: header.id(), header, best: true, transactions: None }))
}

fn see(chain: &Chain, at: BlockAt) -> (Moment, Option<Found>) {
    let moment = Moment::of(chain);
    let id = match at {
        BlockAt::Id(id) => Some(id),
        BlockAt::Height(height) => on_best(chain, height),
    };
    let found = id.and_then(|id| {
        let header = chain.header(&id)?.clone();
        let transactions = chain.transactions(&id).cloned();
        Some(Found { id, header, best: chain.contains_on_best(&id), transactions })
    });
    (moment, found)
}

/// The block of a height on the best branch, from the base up.
pub(super) fn on_best(chain: &Chain, height: u64) -> Option<Hash> {
    let best = chain.best();
    let down = best.height.checked_sub(height)?;
    let above = best.height.saturating_sub(chain.base().height);
    let down = usize::try_from(down).ok().filter(|_| down <= above)?;
    chain.ancestry(best.id).nth(down)
}

async fn archived_body(desk: &Desk, id: Hash) -> Result<Vec<TransactionSummary>, Refusal> {
    let read = move |archive: &dyn Archive| archive.body(&id).map_err(Refusal::internal);
    let body = desk.read(move |source| read(&*source.archive)).await?;
    let Body { transactions } = body.ok_or_else(|| {
        not_found(format_args!("the body of block {id} is not here; its header is"))
    })?;
    let summary = |transaction: isonomy_types::Transaction| {
        summary(transaction.intent().id(), transaction.intent(), transaction.encoded_len())
    };
    Ok(transactions.into_iter().map(summary).collect())
}

fn summary(id: Hash, intent: &Intent, bytes: usize) -> TransactionSummary {
    // Every transaction that is checked has a signer.
    let payer = intent.signers.first().map_or(Address::default(), |signer| signer.account);
    TransactionSummary { id, payer, actions: intent.actions.len() as u64, size: bytes as u64 }
}
