//! What stands in the file, and how a block gets in and out.
use crate::error::Failure;
use crate::{Block, Entry, Move, Rows, Said, Tip};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Hash;
use isonomy_ledger::Event;
use isonomy_ledger::assets::Asset;
use isonomy_types::{Address, Amount, Decode, Encode, Params, Wall};
use redb::{ReadableTable, Table as Open, TableDefinition, WriteTransaction};

/// The format of the file. One of another format is refused, never guessed at.
pub const INDEX_VERSION: u32 = 1;

type Table<K, V> = TableDefinition<'static, K, V>;
pub(crate) type Id = &'static [u8; Hash::LEN];
pub(crate) type Bytes = &'static [u8];

/// One row: [`Head`].
pub(crate) const HEAD: Table<(), Bytes> = Table::new("head");
/// By height: [`BlockRow`].
pub(crate) const BLOCKS: Table<u64, Bytes> = Table::new("blocks");
/// By height and place: [`EntryRow`].
pub(crate) const TRANSACTIONS: Table<(u64, u32), Bytes> = Table::new("transactions");
/// By height, transaction's place and own place: `Event`.
pub(crate) const EVENTS: Table<(u64, u32, u32), Bytes> = Table::new("events");
/// By address, height and transaction's place: the roles.
pub(crate) const HISTORY: Table<(Id, u64, u32), u8> = Table::new("history");
/// By key, height, transaction's place and own place: the module.
pub(crate) const KEYS: Table<(Bytes, u64, u32, u32), u16> = Table::new("events by key");
/// By encoded asset and address: how much. Nobody stands here with nothing.
pub(crate) const HOLDERS: Table<(Bytes, Id), u128> = Table::new("holders");
/// By encoded asset: how many hold some. None stands here with no holder.
pub(crate) const COUNTS: Table<Bytes, u64> = Table::new("counts");

/// Whose the file is, and where it stands.
#[derive(Clone, PartialEq, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct Head {
    pub(crate) version: u32,
    pub(crate) genesis: Hash,
    pub(crate) height: u64,
}

#[derive(Clone, PartialEq, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct BlockRow {
    pub(crate) id: Hash,
    pub(crate) parent: Hash,
    pub(crate) time: Wall,
    pub(crate) producer: Address,
    pub(crate) paid: Amount,
    pub(crate) next_params: Params,
}

impl BlockRow {
    pub(crate) fn tip(self, height: u64) -> Tip {
        Tip { id: self.id, height, params: self.next_params }
    }
}

#[derive(Clone, PartialEq, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct EntryRow {
    pub(crate) id: Hash,
    pub(crate) code: u16,
    pub(crate) fee: Amount,
    pub(crate) signers: Vec<Address>,
}

pub(crate) fn head(bytes: &[u8]) -> Result<Head, Failure> {
    Ok(Head::decode_exact(bytes)?)
}

/// Makes every table that readers open.
pub(crate) fn make(transaction: &WriteTransaction) -> Result<(), Failure> {
    transaction.open_table(TRANSACTIONS)?;
    transaction.open_table(EVENTS)?;
    transaction.open_table(HISTORY)?;
    transaction.open_table(KEYS)?;
    transaction.open_table(HOLDERS)?;
    transaction.open_table(COUNTS)?;
    Ok(())
}

pub(crate) fn put_head(
    transaction: &WriteTransaction,
    genesis: Hash,
    height: u64,
) -> Result<(), Failure> {
    let head = Head { version: INDEX_VERSION, genesis, height };
    transaction.open_table(HEAD)?.insert((), &*head.encode())?;
    Ok(())
}

/// Writes a block and all that follows from it.
pub(crate) fn put_block(
    transaction: &WriteTransaction,
    block: &Block,
    rows: &Rows,
) -> Result<(), Failure> {
    let Block { id, height, parent, time, producer, paid, ref next_params, .. } = *block;
    let row = BlockRow { id, parent, time, producer, paid, next_params: next_params.clone() };
    transaction.open_table(BLOCKS)?.insert(height, &*row.encode())?;
    let mut transactions = transaction.open_table(TRANSACTIONS)?;
    for (index, entry) in (0..).zip(&block.transactions) {
        let Entry { id, code, fee, ref signers } = *entry;
        let row = EntryRow { id, code, fee, signers: signers.clone() };
        transactions.insert((height, index), &*row.encode())?;
    }
    let mut events = transaction.open_table(EVENTS)?;
    for Said { index, event, what } in &block.events {
        events.insert((height, *index, *event), &*what.encode())?;
    }
    let mut history = transaction.open_table(HISTORY)?;
    for ((whom, index), roles) in &rows.history {
        history.insert((whom.0.as_bytes(), height, *index), roles.0)?;
    }
    let mut keys = transaction.open_table(KEYS)?;
    for (key, index, event, module) in &rows.keys {
        keys.insert((&**key, height, *index, *event), *module)?;
    }
    let mut holders = Holders::of(transaction)?;
    rows.moves.iter().try_for_each(|((asset, of), by)| holders.change(*asset, *of, *by))
}

/// Takes out the block of a height, and with it all that followed from it.
pub(crate) fn take_block(transaction: &WriteTransaction, height: u64) -> Result<(), Failure> {
    let mut blocks = transaction.open_table(BLOCKS)?;
    let row = blocks.remove(height)?.ok_or(Failure::Wrong("a block"))?;
    let row = BlockRow::decode_exact(row.value())?;
    let BlockRow { id, parent, time, producer, paid, next_params } = row;
    let (transactions, events) =
        (take_entries(transaction, height)?, take_events(transaction, height)?);
    let allocations = Vec::new();
    let block = Block {
        id,
        height,
        parent,
        time,
        producer,
        paid,
        next_params,
        allocations,
        transactions,
        events,
    };
    let rows = block.rows().map_err(|_| Failure::Wrong("what a block moved"))?;
    let mut history = transaction.open_table(HISTORY)?;
    for (whom, index) in rows.history.keys() {
        history.remove((whom.0.as_bytes(), height, *index))?;
    }
    let mut keys = transaction.open_table(KEYS)?;
    for (key, index, event, _) in &rows.keys {
        keys.remove((&**key, height, *index, *event))?;
    }
    let mut holders = Holders::of(transaction)?;
    let mut moves = rows.moves.iter();
    moves.try_for_each(|((asset, of), by)| holders.change(*asset, *of, by.back()))
}

fn take_entries(transaction: &WriteTransaction, height: u64) -> Result<Vec<Entry>, Failure> {
    let mut table = transaction.open_table(TRANSACTIONS)?;
    let mut entries = Vec::new();
    for row in table.extract_from_if((height, 0)..=(height, u32::MAX), |_, _| true)? {
        let EntryRow { id, code, fee, signers } = EntryRow::decode_exact(row?.1.value())?;
        entries.push(Entry { id, code, fee, signers });
    }
    Ok(entries)
}

fn take_events(transaction: &WriteTransaction, height: u64) -> Result<Vec<Said>, Failure> {
    let mut table = transaction.open_table(EVENTS)?;
    let mut events = Vec::new();
    let all = (height, 0, 0)..=(height, u32::MAX, u32::MAX);
    for row in table.extract_from_if(all, |_, _| true)? {
        let (place, event) = row?;
        let ((_, index, event), what) = (place.value(), Event::decode_exact(event.value())?);
        events.push(Said { index, event, what });
    }
    Ok(events)
}

struct Holders<'a> {
    amounts: Open<'a, (Bytes, Id), u128>,
    counts: Open<'a, Bytes, u64>,
}

impl<'a> Holders<'a> {
    fn of(transaction: &'a WriteTransaction) -> Result<Self, Failure> {
        let (amounts, counts) = (transaction.open_table(HOLDERS)?, transaction.open_table(COUNTS)?);
        Ok(Self { amounts, counts })
    }

    fn change(&mut self, asset: Asset, of: Address, by: Move) -> Result<(), Failure> {
        let (asset, of) = (asset.encode(), of.0.as_bytes());
        let held = self.amounts.get((&*asset, of))?.map_or(0, |held| held.value());
        let left = by.of(Amount(held)).ok_or(Failure::Wrong("a holding"))?.0;
        match left {
            0 => drop(self.amounts.remove((&*asset, of))?),
            left => drop(self.amounts.insert((&*asset, of), left)?),
        }
        match (held, left) {
            (0, 0) => Ok(()),
            (0, _) => self.count(&asset, |count| count.checked_add(1)),
            (_, 0) => self.count(&asset, |count| count.checked_sub(1)),
            _ => Ok(()),
        }
    }

    fn count(&mut self, asset: &[u8], change: fn(u64) -> Option<u64>) -> Result<(), Failure> {
        let count = self.counts.get(asset)?.map_or(0, |count| count.value());
        match change(count).ok_or(Failure::Wrong("a count of holders"))? {
            0 => drop(self.counts.remove(asset)?),
            count => drop(self.counts.insert(asset, count)?),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;

    fn hash() -> impl Strategy<Value = Hash> {
        any::<[u8; Hash::LEN]>().prop_map(Hash::from_bytes)
    }

    fn address() -> impl Strategy<Value = Address> {
        hash().prop_map(Address)
    }

    /// Good rows of each kind, by their bytes.
    fn rows() -> impl Strategy<Value = Vec<u8>> {
        let heads = (any::<u32>(), hash(), any::<u64>())
            .prop_map(|(version, genesis, height)| Head { version, genesis, height }.encode());
        let blocks = (hash(), hash(), any::<u64>(), address(), any::<u128>(), any::<u64>())
            .prop_map(|(id, parent, time, producer, paid, base_fee)| {
                let next_params = Params { base_fee, ..Params::default() };
                let (time, paid) = (Wall(time), Amount(paid));
                BlockRow { id, parent, time, producer, paid, next_params }.encode()
            });
        let entries = (hash(), any::<u16>(), any::<u128>(), vec(address(), 0..5)).prop_map(
            |(id, code, fee, signers)| EntryRow { id, code, fee: Amount(fee), signers }.encode(),
        );
        prop_oneof![heads, blocks, entries]
    }

    /// The same bytes again, or a refusal.
    fn read<T: Decode + Encode>(bytes: &[u8]) -> Result<bool, TestCaseError> {
        match T::decode_exact(bytes) {
            Ok(row) => prop_assert_eq!(row.encode(), bytes),
            Err(_) => return Ok(false),
        }
        Ok(true)
    }

    /// How many kinds of rows the bytes are.
    fn kinds(bytes: &[u8]) -> Result<usize, TestCaseError> {
        let read = [read::<Head>(bytes)?, read::<BlockRow>(bytes)?, read::<EntryRow>(bytes)?];
        Ok(read.into_iter().filter(|read| *read).count())
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_row_or_refused(bytes in vec(any::<u8>(), 0..400)) {
            kinds(&bytes)?;
        }

        /// Around what is written: the rows themselves, cut off, drawn out, and changed in a place.
        #[test]
        fn changed_rows_are_others_or_refused(row in rows(), at: Index, byte: u8) {
            prop_assert!(kinds(&row)? > 0);
            let place = at.index(row.len());
            kinds(&row[..place])?;
            kinds(&[&row[..], &[byte]].concat())?;
            let mut changed = row;
            changed[place] = byte;
            kinds(&changed)?;
        }
    }

    /// A count that no file could hold takes no memory before it is refused.
    #[test]
    fn a_row_of_far_too_many_signers_is_refused() {
        let (id, fee) = (Hash::ZERO, Amount(5));
        let row = EntryRow { id, code: 0, fee, signers: Vec::new() }.encode();
        let (rest, _count) = row.split_at(row.len() - 4);
        assert!(EntryRow::decode_exact(&[rest, &u32::MAX.to_le_bytes()].concat()).is_err());
    }
}
