//! What happened to the best branch, as facts: no clock, no file.
use crate::Tip;
use isonomy_chain::Flush;
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, balance_key};
use isonomy_ledger::{Event, Receipt};
use isonomy_types::{Address, Amount, Decode, Header, Params, Wall};

/// Bytes of an encoded body beside its transactions: their count.
const BODY_COUNT_BYTES: u64 = 4;

/// One step of the best branch, as an exporter streams it. A sequence of them, in order, leads from
/// one block to another: each `Left` takes back the youngest block, each `Joined` stands on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// The block is the best branch's youngest now.
    Joined(Box<Block>),
    /// The youngest block is no longer on the best branch.
    Left {
        /// Which.
        id: Hash,
        /// Its height.
        height: u64,
    },
}

/// What an index knows of a block. Its [`rows`](Block::rows) follow from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// Its id.
    pub id: Hash,
    /// Its height.
    pub height: u64,
    /// The block before it.
    pub parent: Hash,
    /// When, as its header says.
    pub time: Wall,
    /// Who made it, and was paid for it.
    pub producer: Address,
    /// What the producer got of the fees, in coins: all of them less what was burned.
    pub paid: Amount,
    /// What binds the next block.
    pub next_params: Params,
    /// What genesis gave to whom. Empty in every other block.
    pub allocations: Vec<(Asset, Address, Amount)>,
    /// Its transactions, in order.
    pub transactions: Vec<Entry>,
    /// What modules said, in order.
    pub events: Vec<Said>,
}

/// What an index knows of a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its id.
    pub id: Hash,
    /// Zero if its actions took effect, else a fault's code.
    pub code: u16,
    /// What the payer was charged, in coins.
    pub fee: Amount,
    /// Its signers, in order. The first one pays.
    pub signers: Vec<Address>,
}

/// An event and its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// The place of its transaction in the block, from 0. What was said outside of transactions has
    /// the place after the last one.
    pub index: u32,
    /// Its place among the events of that transaction, from 0.
    pub event: u32,
    /// What was said.
    pub what: Event,
}

/// What of a transaction's own text an index needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Its signers, in order.
    pub signers: Vec<Address>,
    /// Length of its encoding, in bytes.
    pub bytes: u64,
}

/// Why a block and its receipts make no change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChangeError {
    /// They are not of one block.
    #[error("block {height} has {got} receipts for {limit} transactions")]
    Receipts {
        /// The block's height.
        height: u64,
        /// How many receipts.
        got: usize,
        /// How many transactions.
        limit: usize,
    },
    /// A module decided them, and only a node that has the block in memory knows what it decided.
    #[error(
        "block {height} changed the limits that bind the next one, and what it made of them is not \
         kept: on such a chain keep an index from the first start of a node on, in a new directory"
    )]
    Params {
        /// The block's height.
        height: u64,
    },
    /// No balances could have moved so.
    #[error("the amounts that block {height} moved make no sense")]
    Amounts {
        /// The block's height.
        height: u64,
    },
}

impl Block {
    /// What an index knows of a block, from its header, its transactions' `parts` in order, its
    /// receipts, and the params that bind it. `next` are those that bind the next block, if anyone
    /// knows; else they are worked out.
    ///
    /// # Errors
    /// [`ChangeError::Receipts`], and [`ChangeError::Params`] if the next params are not what the
    /// header commits.
    pub fn new(
        header: &Header,
        parts: Vec<Part>,
        receipts: &[Receipt],
        params: &Params,
        next: Option<Params>,
    ) -> Result<Self, ChangeError> {
        let (height, limit) = (header.height, parts.len());
        let got = receipts.len();
        if got != limit && got != limit.saturating_add(1) {
            return Err(ChangeError::Receipts { height, got, limit });
        }
        let own = receipts.get(..limit).unwrap_or_default();
        let bytes = parts.iter().fold(BODY_COUNT_BYTES, |sum, part| sum.saturating_add(part.bytes));
        let meter = own.iter().fold(0_u64, |sum, receipt| sum.saturating_add(receipt.meter));
        let fees = own.iter().fold(0_u128, |sum, receipt| sum.saturating_add(receipt.fee.0));
        let moved = || Params { base_fee: params.next_base_fee(bytes, meter), ..params.clone() };
        let next_params = next.unwrap_or_else(moved);
        if next_params.hash() != header.next_params {
            return Err(ChangeError::Params { height });
        }
        let entry = |(part, receipt): (Part, &Receipt)| Entry {
            id: receipt.transaction,
            code: receipt.code,
            fee: receipt.fee,
            signers: part.signers,
        };
        Ok(Self {
            id: header.id(),
            height,
            parent: header.parent,
            time: header.time,
            producer: header.producer,
            paid: Amount(fees.saturating_sub(params.burned(meter).0)),
            next_params,
            allocations: Vec::new(),
            transactions: parts.into_iter().zip(own).map(entry).collect(),
            events: said(receipts),
        })
    }

    /// The first block, with what genesis gave to whom.
    #[must_use]
    pub fn genesis(flush: &Flush) -> Self {
        let header = &flush.tip.header;
        let receipts = flush.blocks.first().map(|block| &block.receipts[..]).unwrap_or_default();
        let writes = flush.layer.writes.iter();
        Self {
            id: flush.tip.trail.id,
            height: header.height,
            parent: header.parent,
            time: header.time,
            producer: header.producer,
            paid: Amount::ZERO,
            next_params: flush.tip.params.clone(),
            allocations: writes.filter_map(|(key, value)| held(key, value?)).collect(),
            transactions: Vec::new(),
            events: said(receipts),
        }
    }

    /// Where a branch stands that ends with this block.
    #[must_use]
    pub fn tip(&self) -> Tip {
        Tip { id: self.id, height: self.height, params: self.next_params.clone() }
    }
}

fn said(receipts: &[Receipt]) -> Vec<Said> {
    let place = |(index, receipt): (u32, &Receipt)| {
        let said = |(event, what)| Said { index, event, what };
        (0..).zip(receipt.events.iter()).map(said).collect::<Vec<_>>()
    };
    (0..).zip(receipts).flat_map(place).collect()
}

/// The balance that an entry of the state is, if it is one.
fn held(key: &[u8], value: &[u8]) -> Option<(Asset, Address, Amount)> {
    let of = |at| Some(Hash::from_bytes(*key.get(at..)?.first_chunk()?));
    let (of, issued) = (Address(of(OWNER)?), of(OWNER.saturating_add(Hash::LEN)));
    let asset = issued.map_or(Asset::Coin, Asset::Issued);
    let amount = Amount::decode_exact(value).ok()?;
    (balance_key(of, asset) == key).then_some((asset, of, amount))
}

/// Where a balance's key says whose it is: behind the module's id and one byte.
const OWNER: usize = size_of_val(&assets::ID) + 1;

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy_types::Encode;

    #[test]
    fn balances_are_told_from_other_entries_of_the_state() {
        let (of, id) = (Address(Hash::from_bytes([3; 32])), Hash::from_bytes([4; 32]));
        for asset in [Asset::Coin, Asset::Issued(id)] {
            let (key, value) = (balance_key(of, asset), Amount(7).encode());
            assert_eq!(held(&key, &value), Some((asset, of, Amount(7))));
            assert_eq!(held(&key, &value[1..]), None);
            for at in 0..OWNER {
                let mut other = key.clone();
                other[at] ^= 1;
                assert_eq!(held(&other, &value), None);
            }
            for end in 0..key.len() {
                assert_eq!(held(&key[..end], &value), None);
            }
        }
    }
}
