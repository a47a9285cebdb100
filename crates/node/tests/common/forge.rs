//! Blocks made elsewhere.
use super::coin::{INTERVAL_MS, address, chain_id, genesis, modules, work};
use super::medium::Plain;
use isonomy_chain::{Chain, Flush, Outcome};
use isonomy_consensus::pow::{Mine, WorkSeal};
use isonomy_consensus::{Trail, check};
use isonomy_crypto::Hash;
use isonomy_ledger::{Executed, StateTree, account};
use isonomy_types::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Makes blocks on any block that it made.
pub struct Forge {
    chain: Chain,
    /// Of valid blocks and of others.
    trails: BTreeMap<Hash, Trail>,
}

/// A block as it travels.
#[derive(Clone)]
pub struct Made {
    pub entry: Entry,
    pub body: Body,
}

impl Made {
    pub fn id(&self) -> Hash {
        self.entry.header.id()
    }

    pub fn height(&self) -> u64 {
        self.entry.header.height
    }
}

impl Forge {
    pub fn new() -> Self {
        Self::on(genesis())
    }

    pub fn on(first: &Flush) -> Self {
        let (tip, view) = (first.tip.clone(), Arc::new(Plain::default().with(&first.layer)));
        let trails = BTreeMap::from([(tip.trail.id, tip.trail.clone())]);
        let (id, tree) = (tip.trail.id, StateTree::of(&*view).unwrap());
        let chain = Chain::new(Arc::new(work()), modules(), id, tip, Vec::new(), view, tree);
        Self { chain, trails }
    }

    /// A valid block. `salt` is who is paid, and tells blocks of the same content apart.
    pub fn block(&mut self, parent: Hash, salt: u8, transactions: Vec<Transaction>) -> Made {
        let time = Wall(self.trails[&parent].time.0 + INTERVAL_MS);
        self.block_at(parent, salt, time, transactions)
    }

    pub fn block_at(
        &mut self,
        parent: Hash,
        salt: u8,
        time: Wall,
        transactions: Vec<Transaction>,
    ) -> Made {
        let shared: Vec<_> =
            transactions.iter().cloned().map(|tx| Arc::new(tx.trust_own_log())).collect();
        let template = self.chain.template(parent, time, payee(salt), shared.clone()).unwrap();
        let executed = template.run().unwrap();
        assert_eq!(executed.refused, Vec::new());
        let made = self.seal(parent, salt, time, body(transactions), Some(&executed));
        let valid = self.chain.follow(vec![made.entry.clone()]).unwrap().run().valid.remove(0);
        let id = self.chain.import(valid).unwrap().id;
        assert!(self.chain.import_body(id, shared.into()));
        let outcome = self.chain.executed(id, Ok(executed));
        assert!(matches!(outcome, Outcome::Executed { .. }), "{outcome:?}");
        made
    }

    /// A block whose header keeps every rule, and which cannot be executed.
    pub fn bad_block(&mut self, parent: Hash, salt: u8, transactions: Vec<Transaction>) -> Made {
        let time = Wall(self.trails[&parent].time.0 + INTERVAL_MS);
        self.seal(parent, salt, time, body(transactions), None)
    }

    /// So many empty blocks, one on the other.
    pub fn run(&mut self, mut parent: Hash, salt: u8, count: usize) -> Vec<Made> {
        let mut run = Vec::new();
        for _ in 0..count {
            run.push(self.block(parent, salt, Vec::new()));
            parent = run.last().unwrap().id();
        }
        run
    }

    fn seal(
        &mut self,
        parent: Hash,
        salt: u8,
        time: Wall,
        body: Body,
        executed: Option<&Executed>,
    ) -> Made {
        let before = self.trails[&parent].clone();
        let (params, some) = (Params::default().hash(), Hash::from_bytes([9; 32]));
        let mut header = Header {
            version: Version,
            parent,
            height: before.height + 1,
            time,
            producer: payee(salt),
            body_root: body.root(),
            state_root: executed.map_or(some, |executed| executed.tree.root()),
            receipts_root: executed.map_or(some, |executed| executed.receipts_root),
            next_authority: before.next_authority,
            next_params: executed.map_or(params, |executed| executed.next_params.hash()),
            seal: Seal::default(),
        };
        header.seal = find_seal(&before, &header);
        let trail = check(&work(), &before, &Authority::default(), &header).unwrap();
        self.trails.insert(trail.id, trail);
        Made { entry: Entry { header, authority: None, certificate: None }, body }
    }

    /// A valid block out of those of `candidates` that its parent's state admits.
    pub fn try_block(&mut self, parent: Hash, salt: u8, candidates: Vec<Transaction>) -> Made {
        let time = Wall(self.trails[&parent].time.0 + INTERVAL_MS);
        let shared = candidates.into_iter().map(|tx| Arc::new(tx.trust_own_log())).collect();
        let template = self.chain.template(parent, time, payee(salt), shared).unwrap();
        let included = template.run().unwrap().included;
        self.block(parent, salt, included.iter().map(|tx| tx.to_unchecked()).collect())
    }

    /// The next counter of a person's lane after a block.
    pub fn next(&self, id: &Hash, person: u8, lane: u16) -> u64 {
        let account = account(&*self.chain.view(id).unwrap(), &address(person)).unwrap();
        account.lanes.iter().find(|(of, _)| *of == lane).map_or(0, |(_, next)| *next)
    }
}

/// Who is paid for the blocks of a salt.
pub fn payee(salt: u8) -> Address {
    Address(Hash::from_bytes([0x80 | salt; 32]))
}

pub fn body(transactions: Vec<Transaction>) -> Body {
    Body { transactions: transactions.try_into().unwrap() }
}

/// A seal that the rules of work take.
pub fn find_seal(parent: &Trail, header: &Header) -> Seal {
    let (target, seal_hash) = (work().target(parent).unwrap(), header.seal_hash());
    let mine = Mine { target, seal_hash, extra: 0, from: 0, tries: 10_000 };
    WorkSeal { nonce: mine.run().unwrap(), extra: 0 }.seal()
}

/// A header without a block behind it, for the rules `Free`. `next` binds its child, if that is not
/// what bound this one.
pub fn free_header(
    parent: &Trail,
    authority: &Authority,
    salt: u8,
    next: Option<&Authority>,
) -> (Entry, Trail) {
    let header = Header {
        version: Version,
        parent: parent.id,
        height: parent.height + 1,
        time: Wall(parent.time.0 + INTERVAL_MS),
        producer: payee(salt),
        body_root: Body::default().root(),
        state_root: chain_id(),
        receipts_root: chain_id(),
        next_authority: next.map_or(parent.next_authority, Authority::hash),
        next_params: Params::default().hash(),
        seal: vec![1].try_into().unwrap(),
    };
    let trail = check(&super::coin::Free, parent, authority, &header).unwrap();
    (Entry { header, authority: next.cloned(), certificate: None }, trail)
}
