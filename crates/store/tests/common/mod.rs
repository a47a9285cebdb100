//! Blocks that look valid, made by hand, and what to do with them on both backends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
#![allow(dead_code, unreachable_pub)]
use isonomy_chain::{Append, Flush, Flushed, StoreFailed, Tip};
use isonomy_consensus::Trail;
use isonomy_crypto::{Domain, Hash};
use isonomy_ledger::{Events, Layer, Order, Receipt, Span, StateTree, View};
use isonomy_store::{Disk, Memory, Store};
use isonomy_types::{
    Action, Address, Amount, Authority, Blob, Body, Certificate, Entry, Header, Intent, List,
    Nonce, Params, Seal, Signer, Transaction, Version, Wall,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const ANY: Domain = Domain::new("isonomy store test 1");

pub type Pairs = BTreeMap<Vec<u8>, Vec<u8>>;

pub fn hash(number: u64) -> Hash {
    ANY.hash(&number.to_le_bytes())
}

/// A block with all that belongs to it.
#[derive(Clone)]
pub struct Block {
    pub entry: Entry,
    pub trail: Trail,
    pub body: Body,
}

impl Block {
    pub fn id(&self) -> Hash {
        self.trail.id
    }

    pub fn append(&self) -> Append {
        Append::Block { entry: Box::new(self.entry.clone()), body: self.body.clone() }
    }

    pub fn transactions(&self) -> Vec<Hash> {
        self.body.transactions.iter().map(|transaction| transaction.intent().id()).collect()
    }

    pub fn receipts(&self) -> Vec<Receipt> {
        let receipt = |(transaction, code)| Receipt {
            transaction,
            code,
            meter: self.trail.height,
            fee: Amount(7),
            events: Events::default(),
        };
        self.transactions().into_iter().zip(0..).map(receipt).collect()
    }

    pub fn flushed(&self) -> Flushed {
        Flushed {
            entry: self.entry.clone(),
            trail: self.trail.clone(),
            transactions: self.transactions(),
            receipts: self.receipts(),
        }
    }

    pub fn child(&self, salt: u64) -> Self {
        block(Some(&self.trail), salt, body(hash_number(self.id()) ^ salt, &[10, 20]))
    }

    pub fn child_with(&self, salt: u64, body: Body) -> Self {
        block(Some(&self.trail), salt, body)
    }
}

fn hash_number(hash: Hash) -> u64 {
    u64::from_le_bytes(*hash.as_bytes().first_chunk().unwrap())
}

/// `count` blocks, each on the one before, the first on `parent`.
pub fn line(parent: &Block, count: u64, salt: u64) -> Vec<Block> {
    let mut blocks = vec![parent.child(salt)];
    while (blocks.len() as u64) < count {
        blocks.push(blocks.last().unwrap().child(salt));
    }
    blocks.truncate(usize::try_from(count).unwrap());
    blocks
}

/// A body with one transaction for each size of payload, none like those of another seed.
pub fn body(seed: u64, payloads: &[usize]) -> Body {
    let transaction = |(index, bytes): (u64, &usize)| {
        let account = Address(hash(seed));
        let signer = Signer { account, nonce: Nonce { lane: 0, seq: index } };
        let payload = Blob::try_from(vec![index as u8; *bytes]).unwrap();
        let intent = Intent {
            version: Version,
            signers: vec![signer].try_into().unwrap(),
            actions: vec![Action { module: 1, by: 0, payload }].try_into().unwrap(),
            meter_limit: 1,
            price: 1,
            expires: 1,
        };
        Transaction::new(intent, List::default())
    };
    let transactions: Vec<_> = (0..).zip(payloads).map(transaction).collect();
    Body { transactions: transactions.try_into().unwrap() }
}

fn block(parent: Option<&Trail>, salt: u64, body: Body) -> Block {
    let height = parent.map_or(0, |parent| parent.height + 1);
    let header = Header {
        version: Version,
        parent: parent.map_or(Hash::ZERO, |parent| parent.id),
        height,
        time: Wall(height * 1_000),
        producer: Address(hash(salt)),
        body_root: body.root(),
        state_root: hash(height),
        receipts_root: hash(salt ^ height),
        next_authority: Authority::default().hash(),
        next_params: Params::default().hash(),
        seal: Seal::default(),
    };
    let trail = Trail { weight: u128::from(height), ..Trail::trusted(&header) };
    // Some entries carry an authority, some a certificate, so that they differ in length.
    let entry = Entry {
        header,
        authority: height.is_multiple_of(3).then(Authority::default),
        certificate: height.is_multiple_of(2).then(|| certificate(height)),
    };
    Block { entry, trail, body }
}

pub fn certificate(seed: u64) -> Certificate {
    Certificate::try_from(seed.to_le_bytes().to_vec()).unwrap()
}

pub fn record(height: u64, bytes: &[u8]) -> Append {
    Append::Record { height, record: Blob::try_from(bytes.to_vec()).unwrap() }
}

pub fn layer(writes: &[(&[u8], Option<&[u8]>)]) -> Layer {
    let pair = |(key, value): &(&[u8], Option<&[u8]>)| (Arc::from(*key), value.map(Arc::from));
    Layer { writes: writes.iter().map(pair).collect() }
}

pub fn flush(blocks: &[Block], layer: Layer) -> Flush {
    let last = blocks.last().unwrap();
    let tip = Tip {
        header: last.entry.header.clone(),
        trail: last.trail.clone(),
        authority: Arc::new(Authority::default()),
        params: Params::default(),
        certificate: last.entry.certificate.clone(),
    };
    let (before, blocks) = (StateTree::default(), blocks.iter().map(Block::flushed).collect());
    let tree = before.update(&layer).unwrap();
    Flush { layer, before, tree, tip, blocks }
}

/// Flushes, over whatever tree is stored.
pub fn keep(store: &mut dyn Store, flush: &Flush) -> Result<Arc<dyn View>, StoreFailed> {
    let before = store.recover()?.tree;
    let tree = before.update(&flush.layer).unwrap();
    store.flush(&Flush { before, tree, ..flush.clone() })
}

/// A flush that writes the height under `tip`, and under a key of its own.
pub fn flush_marked(blocks: &[Block]) -> Flush {
    let height = blocks.last().unwrap().trail.height.to_be_bytes();
    let own = [b"at ", &height[..]].concat();
    flush(blocks, layer(&[(b"tip", Some(&height)), (&own, Some(b"flushed"))]))
}

pub fn first() -> Block {
    block(None, 0, Body::default())
}

pub fn genesis() -> Flush {
    flush(&[first()], layer(&[(b"genesis", Some(b"state"))]))
}

pub fn pairs(view: &dyn View) -> Pairs {
    let scanned = view.scan(&Span::all(), Order::Up).map(|pair| pair.unwrap());
    scanned.map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

pub fn append_all(store: &mut dyn Store, blocks: &[Block]) -> Result<(), StoreFailed> {
    store.append(&blocks.iter().map(Block::append).collect::<Vec<_>>())
}

/// Runs a test on a new store of each kind.
pub fn on_both(test: impl Fn(&mut dyn Store)) {
    test(&mut Memory::new(&genesis()));
    let dir = tempfile::tempdir().unwrap();
    test(&mut open(dir.path()));
}

pub fn open(dir: &Path) -> Disk {
    Disk::open(dir, &genesis()).unwrap()
}

/// Every file of a directory.
pub fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let file = |file: Result<std::fs::DirEntry, _>| {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(path).unwrap())
    };
    std::fs::read_dir(dir).unwrap().map(file).collect()
}

/// Makes a directory hold these files and no other.
pub fn restore(dir: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for file in std::fs::read_dir(dir).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    for (name, bytes) in files {
        std::fs::write(dir.join(name), bytes).unwrap();
    }
}

/// The newest log segment.
pub fn newest_log(dir: &Path) -> std::path::PathBuf {
    let names = files(dir).into_keys().filter(|name| name.starts_with("log."));
    dir.join(names.max().unwrap())
}
