//! Transactions: waiting, in a block of the chain's memory, or in the archive.
use super::blocks::Moment;
use super::not_found;
use super::words::words;
use crate::error::Refusal;
use crate::source::{Desk, Source};
use isonomy_chain::{Chain, PoolRefused, StoreFailed};
use isonomy_client::api::{
    BlockAt, DecodeQuestion, DecodeReply, EventReply, ReceiptReply, SubmitQuestion, SubmitReply,
    TransactionQuestion, TransactionReply, TransactionStatus, code,
};
use isonomy_crypto::Hash;
use isonomy_ledger::{Event, Receipt};
use isonomy_node::{Node, SubmitError};
use isonomy_types::{Blob, Decode, Transaction};

pub(crate) async fn transaction(
    desk: &Desk,
    TransactionQuestion { id }: TransactionQuestion,
) -> Result<TransactionReply, Refusal> {
    let (moment, found) = desk.look(move |node| see(node, id)).await?;
    let found = match found {
        Some(found) => found,
        None => desk.read(move |source| archived(source, moment, id)).await?.ok_or_else(|| {
            not_found(format_args!("no transaction {id} waits here or is on the best branch"))
        })?,
    };
    let words = words(&desk.source, &found.transaction);
    let Seen { status, transaction, receipt } = found;
    Ok(TransactionReply { id, status, transaction, receipt, words })
}

/// What a node knows of a transaction.
pub(super) struct Seen {
    status: TransactionStatus,
    transaction: Transaction,
    receipt: Option<ReceiptReply>,
}

impl Seen {
    /// Height of the block it is in.
    pub(super) const fn height(&self) -> Option<u64> {
        match self.status {
            TransactionStatus::Waiting => None,
            TransactionStatus::Confirmed { height, .. } => Some(height),
        }
    }
}

/// What a transaction's bytes say.
pub(super) async fn decode(
    desk: &Desk,
    DecodeQuestion { transaction }: DecodeQuestion,
) -> Result<DecodeReply, Refusal> {
    let transaction = decoded(&transaction)?;
    let (id, words) = (transaction.intent().id(), words(&desk.source, &transaction));
    Ok(DecodeReply { id, transaction, words })
}

fn decoded(bytes: &[u8]) -> Result<Transaction, Refusal> {
    let wrong = |error| Refusal::new(code::PARAMS, format_args!("the transaction {error}"));
    Transaction::decode_exact(bytes).map_err(wrong)
}

pub(super) fn see(node: &Node, id: Hash) -> (Moment, Option<Seen>) {
    let moment = Moment::of(node.chain());
    let waiting = node.pool().get(&id).map(|waiting| Seen {
        status: TransactionStatus::Waiting,
        transaction: waiting.to_unchecked(),
        receipt: None,
    });
    (moment, waiting.or_else(|| confirmed(node.chain(), moment, id)))
}

/// Searches the best branch above the base. Receipts stand in block order, one a transaction.
fn confirmed(chain: &Chain, moment: Moment, id: Hash) -> Option<Seen> {
    let base = chain.base().id;
    let mut above = chain.ancestry(chain.best().id).take_while(|block| *block != base);
    above.find_map(|block| {
        let receipts = chain.receipts(&block)?;
        let index = receipts.iter().position(|receipt| receipt.transaction == id)?;
        let transaction = chain.transactions(&block)?.get(index)?.to_unchecked();
        let place = Place { block, height: chain.trail(&block)?.height, index };
        place.seen(moment, transaction, receipts.get(index))
    })
}

pub(super) fn archived(source: &Source, moment: Moment, id: Hash) -> Result<Option<Seen>, Refusal> {
    let archive = &*source.archive;
    let failed = |error: StoreFailed| Refusal::internal(error);
    let Some((block, index)) = archive.transaction(&id).map_err(failed)? else { return Ok(None) };
    let Some(header) = moment.archived(archive, BlockAt::Id(block))? else { return Ok(None) };
    let body = archive.body(&block).map_err(failed)?;
    let receipts = archive.receipts(&block).map_err(failed)?.unwrap_or_default();
    let place = Place { block, height: header.height, index: index as usize };
    Ok(body.and_then(|body| {
        let transaction = body.transactions.get(place.index)?.clone();
        let receipt = receipts.get(place.index);
        place.seen(moment, transaction, receipt)
    }))
}

/// Where a transaction stands.
struct Place {
    block: Hash,
    height: u64,
    index: usize,
}

impl Place {
    fn seen(
        self,
        moment: Moment,
        transaction: Transaction,
        receipt: Option<&Receipt>,
    ) -> Option<Seen> {
        let Self { block, height, index } = self;
        let index = u32::try_from(index).ok()?;
        let confirmations = moment.confirmations(height)?;
        let status = TransactionStatus::Confirmed { block, height, index, confirmations };
        Some(Seen { status, transaction, receipt: receipt.map(receipt_reply) })
    }
}

fn receipt_reply(receipt: &Receipt) -> ReceiptReply {
    let Receipt { code, meter, fee, events, .. } = receipt;
    let events = events.iter().map(event_reply).collect();
    ReceiptReply { code: *code, meter: *meter, fee: *fee, events }
}

pub(crate) fn event_reply(event: Event) -> EventReply {
    let payload = Blob::truncated(event.payload.into_vec());
    EventReply { module: event.module, keys: event.keys.into_vec(), payload }
}

/// One that waits already is as good as handed over: whoever lost the first answer asks again.
pub(crate) async fn submit(
    desk: &Desk,
    SubmitQuestion { transaction }: SubmitQuestion,
) -> Result<SubmitReply, Refusal> {
    let transaction = decoded(&transaction)?;
    let id = transaction.intent().id();
    match (desk.source.submit)(transaction).await? {
        Ok(id) => Ok(SubmitReply { id }),
        Err(SubmitError::Pool(PoolRefused::Known)) => Ok(SubmitReply { id }),
        Err(error) => Err(error.into()),
    }
}
