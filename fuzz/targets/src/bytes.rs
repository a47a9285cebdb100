//! What is signed, hashed and committed: one value, one encoding, and no panic in judging it.
use crate::chain::{CHAIN, genesis_id};
use isonomy_chain::{Chain, Recovered};
use isonomy_store::{Memory, Store};
use isonomy_types::{Block, Body, Decode, Encode, Entry, Header, Transaction};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// Reads the bytes as a transaction, and has it checked.
pub fn transaction(data: &[u8]) {
    let Some(transaction) = read::<Transaction>(data) else { return };
    spelt(&transaction);
    let (id, leaf) = (transaction.intent().id(), transaction.leaf());
    let believed = transaction.clone().trust_own_log();
    assert_eq!((believed.id(), believed.leaf(), believed.bytes()), (id, leaf, data.len()));
    let _ = transaction.intent().max_fee();
    let Ok(checked) = transaction.clone().check(&genesis_id()) else { return };
    assert_eq!(checked, believed, "checking changes nothing");
    assert_eq!(checked.to_unchecked(), transaction);
}

/// Reads the bytes as a body, a block and an entry, and has the body checked.
pub fn block(data: &[u8]) {
    if let Some(block) = read::<Block>(data) {
        spelt(&block);
    }
    if let Some(entry) = read::<Entry>(data) {
        spelt(&entry);
    }
    let Some(body) = read::<Body>(data) else { return };
    spelt(&body);
    let (root, count) = (body.root(), body.transactions.len());
    let transactions = body.transactions.into_vec();
    let Ok(checked) = Transaction::check_all(transactions, &genesis_id()) else { return };
    assert_eq!(checked.len(), count);
    let leaves: Vec<_> = checked.iter().map(|transaction| transaction.leaf()).collect();
    assert_eq!(isonomy_crypto::list_root(&leaves), root);
}

/// Reads the bytes as a header, and has it judged on the chain's first block.
pub fn header(data: &[u8]) {
    let Some(header) = read::<Header>(data) else { return };
    spelt(&header);
    assert_eq!(header.id(), header.id_of(header.seal_hash()));
    let entry = Entry { header, authority: None, certificate: None };
    let id = entry.header.id();
    let mut chain = new_chain();
    let Ok(follow) = chain.follow(vec![entry]) else { return };
    let followed = follow.run();
    assert_eq!(followed.valid.len() + usize::from(followed.broken.is_some()), 1);
    for valid in followed.valid {
        let trail = chain.import(valid).expect("it fits the chain that it was judged on");
        assert_eq!((trail.id, trail.height), (id, 1));
    }
}

/// Decodes; insists that no other bytes are this value's.
fn read<T: Encode + Decode>(data: &[u8]) -> Option<T> {
    let value = T::decode_exact(data).ok()?;
    assert_eq!(value.encode(), data, "one value, one encoding");
    assert_eq!(value.encoded_len(), data.len());
    Some(value)
}

/// What people's JSON says of a value is that value.
fn spelt<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).expect("every value has a spelling");
    assert_eq!(serde_json::from_str::<T>(&text).expect("we read what we write"), *value);
}

fn new_chain() -> Chain {
    let spec = &CHAIN.coin.spec;
    let recovered = Memory::new(&spec.genesis).recover().expect("memory does not fail");
    let (rules, modules) = (spec.rules.clone(), spec.modules.clone());
    let id = genesis_id();
    let Recovered { tip, below, view, tree, .. } = recovered;
    Chain::new(rules, modules, id, tip, below, view, tree)
}

pub(crate) fn transactions() -> Vec<Vec<u8>> {
    CHAIN.transactions.iter().map(Transaction::encode).collect()
}

pub(crate) fn blocks() -> Vec<Vec<u8>> {
    let made = || CHAIN.branches.iter().filter_map(|branch| branch.get(1));
    let entries = made().map(|made| made.entry.encode());
    let bodies = made().map(|made| made.body.encode());
    let blocks = made()
        .map(|made| Block { header: made.entry.header.clone(), body: made.body.clone() }.encode());
    entries.chain(bodies).chain(blocks).collect()
}

pub(crate) fn headers() -> Vec<Vec<u8>> {
    let made = CHAIN.branches.iter().flat_map(|branch| &branch[..2]);
    made.map(|made| made.entry.header.encode()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some samples pass every check, and some do not.
    #[test]
    fn samples_go_deep() {
        let checked = CHAIN.transactions.iter().map(|one| one.clone().check(&genesis_id()).is_ok());
        let checked: Vec<bool> = checked.collect();
        assert_eq!(checked, [true, true, true, true, true, true, false, false]);
        let followed = headers().into_iter().filter_map(|bytes| {
            let header = Header::decode_exact(&bytes).unwrap();
            let entry = Entry { header, authority: None, certificate: None };
            Some(new_chain().follow(vec![entry]).ok()?.run().valid.len())
        });
        assert_eq!(followed.sum::<usize>(), 3, "the first block of each branch");
        assert!(blocks().iter().any(|bytes| Block::decode_exact(bytes).is_ok()));
    }
}
