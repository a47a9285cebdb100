use super::Opened;
use super::failure::{Failure, guarded};
use super::segment::Reader;
use super::tables::{BLOCKS, BODIES, HEIGHTS, RECEIPTS, Row, TRANSACTIONS};
use crate::keep::within;
use isonomy_chain::{Append, Archive, StoreFailed};
use isonomy_crypto::Hash;
use isonomy_ledger::Receipt;
use isonomy_types::{Body, Decode, Entry};
use redb::{ReadTransaction, ReadableDatabase};
use std::io::ErrorKind;
use std::sync::Arc;

/// Reads in transactions of its own, so no answer is torn by a flush.
///
/// The database's plain `get` and `range` answer with bytes that do not keep their transaction
/// alive: a flush may overwrite them while they are decoded. So only the owned ones are used.
pub(super) struct Shelf(pub(super) Arc<Opened>);

impl Shelf {
    fn begin(&self) -> Result<ReadTransaction, Failure> {
        Ok(self.0.database.begin_read()?)
    }

    /// From the log, or behind it. In this order: a flush puts a body into the database before it
    /// takes it from the log.
    fn find_body(&self, id: &Hash) -> Result<Option<Body>, Failure> {
        if let Some(spot) = self.0.spot(id) {
            match Reader::new(&self.0.dir).take(spot) {
                Ok(Append::Block { body, .. }) => return Ok(Some(body)),
                Ok(Append::Certificate { .. } | Append::Record { .. }) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        let found = self.begin()?.open_table(BODIES)?.get_owned(id.as_bytes())?;
        Ok(found.map(|body| Body::decode_exact(body.value())).transpose()?)
    }

    fn find_headers(
        &self,
        locator: &[Hash],
        limit_bytes: usize,
        limit: usize,
    ) -> Result<Vec<Entry>, Failure> {
        let transaction = self.begin()?;
        let heights = transaction.open_table(HEIGHTS)?;
        for id in locator {
            if let Some(from) = heights.get_owned(id.as_bytes())? {
                let blocks = transaction.open_table(BLOCKS)?;
                let rows = blocks.range_owned(from.value().saturating_add(1)..)?;
                let entries = rows.map(|row| Ok(Row::decode_exact(row?.1.value())?.entry));
                return within(entries, limit_bytes, limit);
            }
        }
        Ok(Vec::new())
    }

    fn find_row(&self, height: u64) -> Result<Option<Row>, Failure> {
        row(&self.begin()?, height)
    }

    fn find_entry(&self, id: &Hash) -> Result<Option<Entry>, Failure> {
        let transaction = self.begin()?;
        let Some(height) = height(&transaction, id)? else { return Ok(None) };
        Ok(row(&transaction, height)?.map(|row| row.entry))
    }

    fn find_transaction(&self, id: &Hash) -> Result<Option<(Hash, u32)>, Failure> {
        let transaction = self.begin()?;
        let found = transaction.open_table(TRANSACTIONS)?.get_owned(id.as_bytes())?;
        let Some((height, index)) = found.map(|found| found.value()) else { return Ok(None) };
        Ok(row(&transaction, height)?.map(|row| (row.trail.id, index)))
    }

    fn find_receipts(&self, block: &Hash) -> Result<Option<Vec<Receipt>>, Failure> {
        let transaction = self.begin()?;
        let Some(height) = height(&transaction, block)? else { return Ok(None) };
        let found = transaction.open_table(RECEIPTS)?.get_owned(height)?;
        Ok(found.map(|receipts| Vec::decode_exact(receipts.value())).transpose()?)
    }
}

fn height(transaction: &ReadTransaction, id: &Hash) -> Result<Option<u64>, Failure> {
    Ok(transaction.open_table(HEIGHTS)?.get_owned(id.as_bytes())?.map(|height| height.value()))
}

fn row(transaction: &ReadTransaction, height: u64) -> Result<Option<Row>, Failure> {
    let found = transaction.open_table(BLOCKS)?.get_owned(height)?;
    Ok(found.map(|row| Row::decode_exact(row.value())).transpose()?)
}

impl Archive for Shelf {
    fn body(&self, id: &Hash) -> Result<Option<Body>, StoreFailed> {
        Ok(guarded(|| self.find_body(id))?)
    }

    fn headers(
        &self,
        locator: &[Hash],
        limit_bytes: usize,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreFailed> {
        Ok(guarded(|| self.find_headers(locator, limit_bytes, limit))?)
    }

    fn entry_at(&self, height: u64) -> Result<Option<Entry>, StoreFailed> {
        Ok(guarded(|| self.find_row(height))?.map(|row| row.entry))
    }

    fn entry(&self, id: &Hash) -> Result<Option<Entry>, StoreFailed> {
        Ok(guarded(|| self.find_entry(id))?)
    }

    fn transaction(&self, id: &Hash) -> Result<Option<(Hash, u32)>, StoreFailed> {
        Ok(guarded(|| self.find_transaction(id))?)
    }

    fn receipts(&self, block: &Hash) -> Result<Option<Vec<Receipt>>, StoreFailed> {
        Ok(guarded(|| self.find_receipts(block))?)
    }
}
