//! Blocks, made as a miner makes them and taken in as a node takes them: from bytes to committed.
use isonomy::Coin;
use isonomy::chain::Chain;
use isonomy::consensus::pow::{Mine, WorkSeal};
use isonomy::node::{Done, Job, Lent};
use isonomy_crypto::{Hash, list_root};
use isonomy_types::{
    Address, Body, Checked, Decode, Encode, Entry, Header, Transaction, Version, Wall,
};
use std::error::Error;
use std::sync::Arc;

/// A block on its way in.
#[derive(Clone)]
pub struct Incoming {
    /// Its header's entry, encoded.
    pub entry: Vec<u8>,
    /// Its body, encoded.
    pub body: Vec<u8>,
}

/// A block of exactly these transactions on the best one.
///
/// # Errors
/// If the chain does not take one of them.
pub fn mined(
    chain: &Chain,
    coin: &Coin,
    time: Wall,
    transactions: Vec<Arc<Transaction<Checked>>>,
) -> Result<Incoming, Box<dyn Error>> {
    let parent = chain.best();
    let body = transactions.iter().map(|transaction| transaction.to_unchecked());
    let body = Body { transactions: body.collect::<Vec<_>>().try_into()? };
    let template = chain.template(parent.id, time, Address::default(), transactions);
    let done = template.ok_or("no template")?.run()?;
    let leaves: Vec<Hash> = done.included.iter().map(|transaction| transaction.leaf()).collect();
    if list_root(&leaves) != body.root() || done.receipts.iter().any(|receipt| receipt.code != 0) {
        return Err("our side refuses a transaction".into());
    }
    let mut header = Header {
        version: Version,
        parent: parent.id,
        height: parent.height + 1,
        time,
        producer: Address::default(),
        body_root: body.root(),
        state_root: done.tree.root(),
        receipts_root: done.receipts_root,
        next_authority: done.next_authority.hash(),
        next_params: done.next_params.hash(),
        seal: WorkSeal::default().seal(),
    };
    let (target, seal_hash) = (coin.work.target(parent)?, header.seal_hash());
    let mine = Mine { target, seal_hash, extra: 0, from: 0, tries: u64::MAX };
    header.seal = WorkSeal { nonce: mine.run().ok_or("no nonce")?, extra: 0 }.seal();
    let entry = Entry { header, authority: None, certificate: None };
    Ok(Incoming { entry: entry.encode(), body: body.encode() })
}

/// Imports, executes and adopts it.
///
/// # Errors
/// If it is not valid.
pub fn take_in(chain: &mut Chain, block: Incoming, lent: &dyn Lent) -> Result<(), Box<dyn Error>> {
    let entry = Entry::decode_exact(&block.entry)?;
    let (id, root) = (entry.header.id(), entry.header.body_root);
    let followed = chain.follow(vec![entry])?.run();
    chain.import(followed.valid.into_iter().next().ok_or("the header is invalid")?)?;
    let job = Job::Body { genesis: chain.genesis(), root, bytes: block.body.try_into()? };
    let Done::Body(body) = job.run(lent) else { return Err("not a body".into()) };
    chain.import_body(id, body?);
    let executed = chain.execute(id)?.run();
    chain.executed(id, executed);
    chain.adopt(id).ok_or("the block is invalid")?;
    Ok(())
}
